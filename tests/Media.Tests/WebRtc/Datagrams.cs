using CloudPhone.Media.WebRtc;

namespace CloudPhone.Media.Tests.WebRtc;

/// <summary>Takes what a peer sends.</summary>
sealed class Datagrams
{
    public Datagrams() => Batch = new(b =>
    {
        for (var i = 0; i < b.Count; i++)
            All.Add((b.To, b[i].ToArray()));
    });

    public DatagramBatch Batch { get; }

    public List<(RemoteAddress To, byte[] Bytes)> All { get; } = [];

    /// <summary>What came since the last call.</summary>
    public List<(RemoteAddress To, byte[] Bytes)> Take()
    {
        Batch.Flush();
        var taken = All.ToList();
        All.Clear();
        return taken;
    }
}
