namespace CloudPhone.Media.Player;

/// <summary>
/// The player: a module that other pages can use, too, and a plain page around it. Files are in the assembly; they hold
/// no secret and need no token.
/// </summary>
static class PlayerRoutes
{
    const string Html = "text/html; charset=utf-8", Script = "text/javascript; charset=utf-8";
    const string Policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        + "img-src 'self' blob:; media-src 'self' blob: mediastream:; form-action 'self'; base-uri 'none'; "
        + "frame-ancestors 'self'";

    static readonly (string Path, string File, string Type)[] Files =
    [
        ("/player/", "index.html", Html), ("/player/player.js", "player.js", Script),
        ("/player/player.css", "player.css", "text/css; charset=utf-8"),
        ("/player/cloudphone-player.js", "cloudphone-player.js", Script),
        ("/player/phone-input.js", "phone-input.js", Script),
        ("/player/socket-pictures.js", "socket-pictures.js", Script),
    ];

    public static void MapPlayer(this IEndpointRouteBuilder routes)
    {
        foreach (var (path, file, type) in Files)
        {
            var content = Read(file);
            routes.MapGet(path, (HttpContext http) =>
            {
                var headers = http.Response.Headers;
                headers.XContentTypeOptions = "nosniff";
                headers.CacheControl = "no-cache";
                if (type == Html)
                    (headers.ContentSecurityPolicy, headers["Referrer-Policy"]) = (Policy, "no-referrer");
                else
                    headers.AccessControlAllowOrigin = "*"; // pages of others may load it
                return Results.Bytes(content, type);
            }).AllowAnonymous().ExcludeFromDescription();
        }
    }

    static byte[] Read(string file)
    {
        using var stream = typeof(PlayerRoutes).Assembly.GetManifestResourceStream($"player/{file}")
            ?? throw new InvalidOperationException($"There is no Player/Files/{file}.");
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }
}
