using System.Net;
using CloudPhone.Sidecar.Tests.Testing;

namespace CloudPhone.Sidecar.Tests.Invocation;

public sealed class Http2Tests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_http_port_speaks_http2_without_tls(bool chunked)
    {
        await using var pair = await Pair.StartAsync();
        pair.App.On("/x", new Reply(201, "made"));
        using var request = Answer.Request(
            pair.Caller.HttpEndpoint, "POST", "/v1.0/invoke/device-service/method/x?a=1", "body", chunked);
        (request.Version, request.VersionPolicy) = (HttpVersion.Version20, HttpVersionPolicy.RequestVersionExact);

        using var response = await pair.Caller.Http.SendAsync(request);

        Assert.Equal((HttpVersion.Version20, HttpStatusCode.Created), (response.Version, response.StatusCode));
        Assert.Equal("made", await response.Content.ReadAsStringAsync());
        Assert.Equal(("/x", "?a=1", "body"), (pair.Last.Path, pair.Last.Query, pair.Last.Body));
    }
}
