using System.Net;
using System.Net.Http.Headers;
using CloudPhone.Contracts;
using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Hosting;
using CloudPhone.Shared.Http;
using Microsoft.Extensions.Configuration;

namespace CloudPhone.Shared.Tests.Http;

/// <summary>The runtime's words, and what is made of them.</summary>
public sealed class SiblingFallbackTests
{
    const string Unknown = "no healthy services found with AppID 'user-service'";
    const string Open = "circuit breaker is open";

    [Theory]
    [InlineData(Unknown, Unknown, "direct")] // nobody was there to take it
    [InlineData(Open, Unknown, "direct")] // neither, but failures to resolve have opened the breaker of this path
    [InlineData(Open, null, "sidecar")] // the service is ill: that is what a breaker is for
    [InlineData(Open, Open, "sidecar")]
    [InlineData("context deadline exceeded", Unknown, "sidecar")] // it may have been done
    public async Task A_call_goes_the_other_way_only_where_the_sidecar_found_nobody_to_send_it_to(
        string said, string? saidOfAnotherPath, string answeredBy)
    {
        using var siblings = Siblings(path => path == "/health/live" ? saidOfAnotherPath : said);
        using var answer = await siblings.PostAsync(new Uri("http://user-service.default/x"), null);
        Assert.Equal(answeredBy, answer.Headers.GetValues("By").Single());
    }

    /// <summary>
    /// The runtime's breakers are by path. After a crash the first path to be called again may be another's, while this
    /// path's breaker still remembers that nobody was there.
    /// </summary>
    [Fact]
    public async Task What_another_path_is_answered_does_not_hide_why_this_path_s_breaker_is_open()
    {
        string? said = Unknown;
        using var siblings = Siblings(path => path == "/x" ? said : null);
        async Task<string> PostAsync(string path)
        {
            using var answer = await siblings.PostAsync(new Uri("http://user-service.default" + path), null);
            return answer.Headers.GetValues("By").Single();
        }

        Assert.Equal("direct", await PostAsync("/x"));
        Assert.Equal("sidecar", await PostAsync("/y"));
        said = Open;
        Assert.Equal("direct", await PostAsync("/x"));
    }

    [Fact]
    public async Task Many_at_once_ask_once()
    {
        var questions = 0;
        using var siblings = Siblings(path =>
        {
            if (path != "/health/live")
                return Open;
            Interlocked.Increment(ref questions);
            return Unknown;
        });
        var answers = await Task.WhenAll(
            Enumerable.Range(0, 20).Select(_ => siblings.PostAsync(new Uri("http://user-service/x"), null)));
        Assert.All(answers, a => Assert.Equal("direct", a.Headers.GetValues("By").Single()));
        Assert.Equal(1, questions);
    }

    /// <param name="error">What the sidecar says to a call of that path; null: it gives the service's answer.</param>
    static HttpClient Siblings(Func<string, string?> error)
    {
        var settings = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["JWT_SECRET"] = new('k', 48), ["USER_SERVICE_URL"] = "http://127.0.0.1:1",
        }).Build();
        var tokens = new ServiceTokens(
            new ServiceIdentity(AppIds.Billing), new JwtSettings(settings), TimeProvider.System);
        return new(new SiblingHandler(tokens, new SiblingAddresses(settings), new Stand("sidecar", error),
            new Stand("direct", _ => null)));
    }

    sealed class Stand(string name, Func<string, string?> error) : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken ct)
        {
            await Task.Delay(20, ct); // so that many are on their way
            var said = error(request.RequestUri!.AbsolutePath);
            var status = said is null ? HttpStatusCode.OK : HttpStatusCode.InternalServerError;
            var answer = new HttpResponseMessage(status) { RequestMessage = request };
            answer.Headers.Add("By", name);
            if (said is not null)
                answer.Content = new StringContent(
                    $$"""{"errorCode":"ERR_DIRECT_INVOKE","message":"failed to invoke, err: {{said}}"}""",
                    new MediaTypeHeaderValue("application/json"));
            return answer;
        }
    }
}
