using CloudPhone.Media.Sessions;
using CloudPhone.Shared.Http;

namespace CloudPhone.Media.Input;

/// <summary>The socket of a session, opened with the token that its opener was told.</summary>
static class SocketRoute
{
    const string Path = "/ws/media";
    const int MaxToken = 100;

    public static string PathOf(Guid sessionId) => $"{Path}/{sessionId}";

    public static void MapSockets(this IEndpointRouteBuilder routes) =>
        routes.MapGet(Path + "/{id:guid}", ServeAsync).AllowAnonymous().ExcludeFromDescription();

    static async Task ServeAsync(
        Guid id, string? token, HttpContext http, LiveSessions sessions, SocketParts parts, CancellationToken ct)
    {
        var session = token is { Length: > 0 and <= MaxToken } && sessions.Find(id) is { } s && s.Token.Is(token)
            ? s : null;
        if (session is null)
            await Problems.NotFound("session").ExecuteAsync(http);
        else if (!http.WebSockets.IsWebSocketRequest)
            await Problems.BadRequest("no-websocket", "This is a WebSocket.").ExecuteAsync(http);
        else
        {
            using var socket = await http.WebSockets.AcceptWebSocketAsync();
            using var viewer = new ViewerSocket(session, sessions, socket, parts);
            await viewer.RunAsync(ct);
        }
    }
}
