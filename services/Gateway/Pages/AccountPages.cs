using CloudPhone.Gateway.Limits;

namespace CloudPhone.Gateway.Pages;

/// <summary>
/// The pages behind the links in mails: another password, another e-mail address. They hold no secret and need no
/// token; what they do, they do by the API. They load nothing from elsewhere, and run no script but their own file.
/// </summary>
static class AccountPages
{
    const string Policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        + "form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    static readonly (string Path, string File, string Type)[] Files =
    [
        ("/reset-password", "reset-password.html", "text/html; charset=utf-8"),
        ("/confirm-email", "confirm-email.html", "text/html; charset=utf-8"),
        ("/account-page.js", "account-page.js", "text/javascript; charset=utf-8"),
        ("/account-page.css", "account-page.css", "text/css; charset=utf-8"),
    ];

    public static void MapAccountPages(this WebApplication app)
    {
        foreach (var (path, file, type) in Files)
        {
            var content = Read(file);
            app.MapGet(path, (HttpContext http) =>
            {
                var headers = http.Response.Headers;
                headers.ContentSecurityPolicy = Policy;
                headers.XContentTypeOptions = "nosniff";
                headers.CacheControl = "no-store";
                headers["Referrer-Policy"] = "no-referrer"; // the page's address holds the link's token
                return Results.Bytes(content, type);
            }).AllowAnonymous().ExcludeFromDescription().RequireRateLimiting(RateLimits.Standard);
        }
    }

    static byte[] Read(string file)
    {
        using var stream = typeof(AccountPages).Assembly.GetManifestResourceStream(file)
            ?? throw new InvalidOperationException($"There is no Pages/Files/{file}.");
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }
}
