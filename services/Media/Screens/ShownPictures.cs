using CloudPhone.Media.Input;
using CloudPhone.Media.Sessions;
using CloudPhone.Media.WebRtc.Udp;

namespace CloudPhone.Media.Screens;

/// <summary>What one viewer's socket is sent of the screen: one kind of picture at a time. Belongs to one caller at a
/// time but for <see cref="StopAsync"/>.</summary>
sealed class ShownPictures(LiveSession session, SocketWriter writer, UdpHub hub) : IDisposable
{
    CancellationTokenSource _end = new();
    Task _showing = Task.CompletedTask;

    public async Task ShowAsync(PictureMode mode)
    {
        await _end.CancelAsync();
        await _showing;
        _end.Dispose();
        _end = new();
        _showing = mode switch
        {
            PictureMode.Video => ShowVideoAsync(_end.Token),
            PictureMode.Snapshots => session.Screen.Snapshots.ShowAsync(session, writer, _end.Token),
            _ => Task.CompletedTask,
        };
    }

    /// <summary>No more from now on, unless more is asked for at this moment.</summary>
    public Task StopAsync() => _end.CancelAsync();

    async Task ShowVideoAsync(CancellationToken ct)
    {
        var viewer = new SocketViewer(writer.SendBinaryAsync, session.CountSocketBytes) { IsGuest = session.IsGuest };
        session.Screen.Video.Join(viewer, hub.Now);
        try
        {
            await viewer.RunAsync(ct);
        }
        finally
        {
            session.Screen.Video.Leave(viewer);
        }
    }

    public void Dispose() => _end.Dispose();
}
