using System.Text;
using CloudPhone.Media.WebRtc.Stun;

namespace CloudPhone.Media.WebRtc.Ice;

/// <summary>
/// The lite side of ICE (RFC 8445, 2.5): it only answers checks, takes the pair that the browser nominates, again where
/// the browser's network changes, and takes silence for the end of consent (RFC 7675).
/// </summary>
sealed class IceAgent(IceCredentials own, string remoteUfrag, TimeSpan now)
{
    /// <summary>So long without a valid request, and nothing is sent there any more.</summary>
    public static readonly TimeSpan ConsentTime = TimeSpan.FromSeconds(30);
    const int MaxAddresses = 8;

    readonly byte[] _username = Encoding.ASCII.GetBytes($"{own.Ufrag}:{remoteUfrag}");
    readonly List<RemoteAddress> _known = new(MaxAddresses);
    TimeSpan _heard = now;

    public IceCredentials Own => own;

    /// <summary>Where the browser wants to be sent to; none before it has nominated.</summary>
    public RemoteAddress? Selected { get; private set; }

    /// <summary>Addresses that have proved to know the password, the latest last.</summary>
    public IReadOnlyList<RemoteAddress> Known => _known;

    public bool HasConsent(TimeSpan now) => now - _heard < ConsentTime;

    /// <summary>Answers a check; what is not signed gets no answer at all.</summary>
    /// <returns>False: it was forged or is for somebody else.</returns>
    public bool Answer(in StunRequest request, RemoteAddress from, TimeSpan now, DatagramBatch output)
    {
        if (!request.Username.SequenceEqual(_username) || !request.IsSignedWith(own.Key))
            return false;
        _heard = now;
        Remember(from);
        if (request.UseCandidate)
            Selected = from;
        output.Commit(StunAnswer.Write(output.Reserve(from), request.TransactionId, from, own.Key));
        return true;
    }

    void Remember(RemoteAddress address)
    {
        if (_known.Contains(address))
            return;
        if (_known.Count == MaxAddresses)
            _known.RemoveAt(_known[0] == Selected ? 1 : 0);
        _known.Add(address);
    }
}
