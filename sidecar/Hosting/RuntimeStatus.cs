namespace CloudPhone.Sidecar.Hosting;

/// <summary>How far the start of a sidecar has come, as its health endpoints tell it.</summary>
sealed class RuntimeStatus
{
    volatile bool _outbound;
    volatile bool _ready;

    /// <summary>Components are made and the APIs are served; the app may not be there yet.</summary>
    public bool IsOutboundReady { get => _outbound; set => _outbound = value; }

    /// <summary>The app's port is open as well.</summary>
    public bool IsReady { get => _ready; set => _ready = value; }
}
