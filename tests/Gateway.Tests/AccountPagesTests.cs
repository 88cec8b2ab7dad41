using System.Net;

namespace CloudPhone.Gateway.Tests;

/// <summary>What the links in mails lead to.</summary>
public sealed class AccountPagesTests : IAsyncDisposable
{
    readonly TestService<GatewayOptions> _gateway = new();

    [Theory]
    [InlineData("/reset-password?token=x.y", "text/html")]
    [InlineData("/confirm-email?token=x.y", "text/html")]
    [InlineData("/account-page.js", "text/javascript")]
    [InlineData("/account-page.css", "text/css")]
    public async Task A_mailed_link_opens_a_page_that_runs_nothing_but_its_own_script(string path, string type)
    {
        using var client = _gateway.Anonymous();
        var answer = await client.GetAsync(path);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(type, answer.Content.Headers.ContentType?.MediaType);
        var policy = Assert.Single(answer.Headers.GetValues("Content-Security-Policy"));
        Assert.StartsWith("default-src 'none'; script-src 'self';", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.Equal("no-referrer", Assert.Single(answer.Headers.GetValues("Referrer-Policy")));
        Assert.True(answer.Headers.CacheControl!.NoStore);
        var text = await answer.Content.ReadAsStringAsync();
        if (type == "text/html")
        {
            Assert.Contains("<script src=\"account-page.js\" defer></script>", text, StringComparison.Ordinal);
            // neither code nor style stands in the page, nor what was in the link
            Assert.DoesNotContain("style=", text, StringComparison.Ordinal);
            Assert.DoesNotContain("x.y", text, StringComparison.Ordinal);
        }
    }

    public ValueTask DisposeAsync() => _gateway.DisposeAsync();
}
