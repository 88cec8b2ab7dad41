using System.Net.WebSockets;
using CloudPhone.Adb;
using CloudPhone.Adb.Screen;
using CloudPhone.Media.Input;
using CloudPhone.Media.Sessions;

namespace CloudPhone.Media.Screens;

/// <summary>Single pictures of one phone, for browsers that decode no video: one in a second, however many want
/// them.</summary>
sealed class Snapshots(AdbPhone phone, TimeProvider clock)
{
    const int MaxBytes = 8 << 20;
    static readonly TimeSpan Pause = TimeSpan.FromSeconds(1), Limit = TimeSpan.FromSeconds(5);

    readonly Lock _lock = new();
    Task<byte[]?> _latest = Task.FromResult<byte[]?>(null);
    DateTimeOffset _takenAt;

    /// <summary>Until the token fires or the socket is gone.</summary>
    public async Task ShowAsync(LiveSession session, SocketWriter writer, CancellationToken ct)
    {
        using var timer = new PeriodicTimer(Pause, clock);
        try
        {
            do
                if (await LatestAsync().WaitAsync(ct) is { } png)
                {
                    await writer.SendBinaryAsync(png, ct);
                    session.CountSocketBytes(png.Length);
                }
            while (await timer.WaitForNextTickAsync(ct));
        }
        catch (Exception e) when (e is OperationCanceledException or WebSocketException)
        {
        }
    }

    Task<byte[]?> LatestAsync()
    {
        lock (_lock)
        {
            var now = clock.GetUtcNow();
            if (_latest.IsCompleted && now - _takenAt >= Pause)
                (_latest, _takenAt) = (TakeAsync(), now);
            return _latest;
        }
    }

    /// <returns>Behind the head of a message; null: the phone gives none at the moment.</returns>
    async Task<byte[]?> TakeAsync()
    {
        using var limit = new CancellationTokenSource(Limit, clock);
        try
        {
            var message = await phone.TakeAsync(MaxBytes, limit.Token, SocketViewer.HeadLength);
            SocketViewer.WriteHead(message, SocketViewer.Snapshot, isKey: true, TimeSpan.Zero);
            return message;
        }
        catch (Exception e) when (e is AdbException or OperationCanceledException)
        {
            return null;
        }
    }
}
