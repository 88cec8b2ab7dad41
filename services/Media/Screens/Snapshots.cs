using System.Net.WebSockets;
using CloudPhone.Adb;
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
    public async Task ShowAsync(LiveSession session, SocketWriter writer, TimeProvider time, CancellationToken ct)
    {
        using var timer = new PeriodicTimer(Pause, time);
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
            await using var stream = await phone.OpenAsync("exec:screencap -p", limit.Token);
            using var png = new MemoryStream();
            png.SetLength(SocketViewer.HeadLength);
            SocketViewer.WriteHead(png.GetBuffer(), SocketViewer.Snapshot, isKey: true, TimeSpan.Zero);
            png.Position = SocketViewer.HeadLength;
            var buffer = new byte[AdbHeader.MaxPayload];
            for (int n; (n = await stream.ReadAsync(buffer, limit.Token)) > 0 && png.Length < MaxBytes;)
                png.Write(buffer, 0, n);
            return png.Length is > SocketViewer.HeadLength and < MaxBytes ? png.ToArray() : null;
        }
        catch (Exception e) when (e is AdbException or OperationCanceledException)
        {
            return null;
        }
    }
}
