using System.Text;
using CloudPhone.PhoneSimulator.Adb;
using CloudPhone.PhoneSimulator.Android;

namespace CloudPhone.PhoneSimulator.Scrcpy;

/// <summary>One client that watches and controls: its sockets, in the order of the protocol, until one of them or the
/// shell ends.</summary>
sealed class ScrcpySession(Phone phone, ScrcpyOptions options)
{
    const int NameLength = 64;
    static readonly byte[] NoSuchCodec = [0, 0, 0, 1], Disabled = [0, 0, 0, 0];
    readonly List<LocalSocket> _sockets = [];
    readonly List<CancellationTokenRegistration> _closings = [];

    /// <returns>Why it could not go on; null where it simply ended.</returns>
    public async Task<string?> RunAsync(LocalListener listener, CancellationToken shell)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(shell);
        try
        {
            var video = await AcceptAsync(listener, options.Video, end);
            var audio = await AcceptAsync(listener, options.Audio, end);
            var control = await AcceptAsync(listener, options.Control, end);
            listener.Dispose();
            if (options.SendDeviceMeta && _sockets is [var first, ..])
                await first.Stream.WriteAsync(DeviceName(), end.Token);
            if (audio is not null && options.SendStreamMeta)
                await audio.Stream.WriteAsync(Disabled, end.Token);
            if (video is not null && options.Codec != "h264")
            {
                await video.Stream.WriteAsync(NoSuchCodec, end.Token);
                return $"Could not create default encoder for {options.Codec}";
            }
            await WorkAsync(video, control, end);
            return null;
        }
        catch (Exception e) when (AdbConnection.IsGone(e) || e is ControlProtocolException)
        {
            if (e is ControlProtocolException)
                phone.Log.Write("scrcpy", $"Control protocol error: {e.Message}", 'E');
            shell.ThrowIfCancellationRequested();
            return null;
        }
        finally
        {
            await end.CancelAsync();
            _closings.ForEach(c => c.Dispose());
            _sockets.ForEach(s => s.Dispose());
        }
    }

    async Task<LocalSocket?> AcceptAsync(LocalListener listener, bool isWanted, CancellationTokenSource end)
    {
        if (!isWanted)
            return null;
        var socket = await listener.AcceptAsync(end.Token);
        _sockets.Add(socket);
        _closings.Add(socket.Closed.Register(end.Cancel));
        if (options.SendDummyByte && _sockets.Count == 1)
            await socket.Stream.WriteAsync(new byte[1], end.Token);
        return socket;
    }

    byte[] DeviceName()
    {
        var name = new byte[NameLength];
        Encoding.UTF8.GetBytes(phone.Properties["ro.product.model"]).AsSpan().CopyTo(name);
        return name;
    }

    async Task WorkAsync(LocalSocket? video, LocalSocket? control, CancellationTokenSource end)
    {
        var screen = video is null ? null : new ScrcpyVideo(phone, options, video.Stream);
        var all = new List<Task>();
        if (screen is not null)
            all.Add(screen.RunAsync(end.Token));
        if (control is not null)
            all.AddRange(new ScrcpyControl(phone, options, screen, control.Stream).Run(end.Token));
        if (all.Count == 0)
            all.Add(Task.Delay(Timeout.Infinite, end.Token));
        var first = await Task.WhenAny(all);
        await end.CancelAsync();
        await Task.WhenAll(all).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await first;
    }
}
