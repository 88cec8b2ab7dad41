using System.Collections.Concurrent;
using CloudPhone.Shared.Auth;
using Microsoft.AspNetCore.SignalR;

namespace CloudPhone.Notifications.Push;

/// <summary>The connections that this replica holds, by session: they end with it.</summary>
sealed class OpenConnections
{
    readonly ConcurrentDictionary<(Guid Session, string Id), HubCallerContext> _open = new();
    readonly Revocations _revocations;

    public OpenConnections(Revocations revocations)
    {
        _revocations = revocations;
        revocations.WhenRevoked(Close);
    }

    /// <returns>False: the session is over, and the connection with it.</returns>
    public bool TryAdd(Guid session, HubCallerContext connection)
    {
        _open[(session, connection.ConnectionId)] = connection;
        // it may have ended since the token was looked at
        if (!_revocations.Contains(session))
            return true;
        connection.Abort();
        return false;
    }

    public void Remove(Guid session, HubCallerContext connection) =>
        _open.TryRemove((session, connection.ConnectionId), out _);

    void Close(Guid session)
    {
        foreach (var (key, connection) in _open)
            if (key.Session == session)
                connection.Abort();
    }
}
