using System.Net.WebSockets;
using CloudPhone.Adb;
using CloudPhone.Media.Input;
using CloudPhone.Media.Sessions;

namespace CloudPhone.Media.Screens;

/// <summary>Single pictures, for browsers that decode no video.</summary>
sealed class Snapshots(AdbPhones phones, TimeProvider clock)
{
    const int MaxBytes = 32 << 20;
    static readonly TimeSpan Pause = TimeSpan.FromSeconds(1), Limit = TimeSpan.FromSeconds(5);

    /// <summary>One in a second, until the token fires or the socket is gone.</summary>
    public async Task ShowAsync(LiveSession session, SocketWriter writer, CancellationToken ct)
    {
        var phone = phones.Of(session.Right.DeviceId);
        using var timer = new PeriodicTimer(Pause, clock);
        try
        {
            do
                if (await TakeAsync(phone, ct) is { } png)
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

    /// <returns>Behind the head of a message; null: the phone gives none at the moment.</returns>
    async Task<byte[]?> TakeAsync(AdbPhone phone, CancellationToken ct)
    {
        using var limit = new CancellationTokenSource(Limit, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, limit.Token);
        try
        {
            await using var stream = await phone.OpenAsync("exec:screencap -p", either.Token);
            using var png = new MemoryStream();
            png.SetLength(SocketViewer.HeadLength);
            SocketViewer.WriteHead(png.GetBuffer(), SocketViewer.Snapshot, isKey: true, TimeSpan.Zero);
            png.Position = SocketViewer.HeadLength;
            var buffer = new byte[AdbHeader.MaxPayload];
            for (int n; (n = await stream.ReadAsync(buffer, either.Token)) > 0 && png.Length < MaxBytes;)
                png.Write(buffer, 0, n);
            return png.Length is > SocketViewer.HeadLength and < MaxBytes ? png.ToArray() : null;
        }
        catch (Exception e) when (e is AdbException or OperationCanceledException && !ct.IsCancellationRequested)
        {
            return null;
        }
    }
}
