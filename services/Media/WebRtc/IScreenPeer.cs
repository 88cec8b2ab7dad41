using CloudPhone.Media.WebRtc.H264;

namespace CloudPhone.Media.WebRtc;

/// <summary>One who watches a <see cref="VideoStream"/>, however the pictures get there.</summary>
interface IScreenPeer
{
    /// <summary>Watches what is somebody else's: where the owner watches, too, the picture is the owner's.</summary>
    bool IsGuest { get; }

    /// <summary>What its way takes, in bits per second, where that is full; null: as much as comes.</summary>
    long? Room(TimeSpan now);

    /// <summary>The picture as it stands, for one who has just come.</summary>
    /// <returns>A wish for a key frame, where there is no picture to begin with.</returns>
    PeerSignals Start(IReadOnlyList<Frame> picture, TimeSpan now, DatagramBatch output);

    /// <summary>The next picture, which others see too: it must not wait.</summary>
    /// <param name="output">For what goes out by UDP.</param>
    PeerSignals Send(Frame frame, TimeSpan now, DatagramBatch output);
}
