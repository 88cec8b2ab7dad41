using CloudPhone.Notifications.People;
using CloudPhone.Shared.Auth;
using Microsoft.AspNetCore.SignalR;

namespace CloudPhone.Notifications.Push;

/// <summary>
/// Clients only listen: the server calls <c>notification</c> with an item of the list. What was stored while a client
/// was away it finds in the list, which is the truth.
/// </summary>
sealed class NotificationHub(NotificationsDb db, NotificationOptions options, OpenConnections open) : Hub
{
    public const string Path = "/ws/notifications";
    public const string Method = "notification";

    public static string GroupOf(Guid userId) => $"user:{userId}";

    /// <summary>The operators' list is one for all; each reads it in a language of their own.</summary>
    public static string GroupOfOperators(string language) => $"operators:{language}";

    public override async Task OnConnectedAsync()
    {
        if (CurrentUser.From(Context.User!) is not { IsService: false } user)
        {
            Context.Abort();
            return;
        }
        if (user.SessionId is { } session && !open.TryAdd(session, Context))
            return;
        await Groups.AddToGroupAsync(Context.ConnectionId, GroupOf(user.Id), Context.ConnectionAborted);
        if (user.IsOperator)
        {
            var language = await Language.OfAsync(db, user.Id, options.DefaultLanguage, Context.ConnectionAborted);
            await Groups.AddToGroupAsync(Context.ConnectionId, GroupOfOperators(language), Context.ConnectionAborted);
        }
    }

    public override Task OnDisconnectedAsync(Exception? exception)
    {
        if (CurrentUser.From(Context.User!)?.SessionId is { } session)
            open.Remove(session, Context);
        return Task.CompletedTask;
    }

    /// <summary>
    /// Answers once the connection listens. A client that wants to miss nothing starts, calls this, and then reads
    /// the list.
    /// </summary>
    /// <returns>The connection's id.</returns>
    [HubMethodName("ready")]
    public string Ready() => Context.ConnectionId;
}
