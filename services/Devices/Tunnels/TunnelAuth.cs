using System.Security.Cryptography;
using CloudPhone.Adb;

namespace CloudPhone.Devices.Tunnels;

/// <summary>
/// adbd's side of ADB's AUTH: whoever connects signs random bytes, by one of his keys after the other, until there is
/// one that is let in. Who offers a new key instead is turned away: nobody stands at the phone to take it.
/// </summary>
static class TunnelAuth
{
    const uint Token = 1, Signature = 2;
    const int TokenBytes = 20;
    /// <summary>adb offers all keys that it has.</summary>
    const int MaxTries = 16;
    /// <summary>The oldest: both sides then check sums, as is right between strangers.</summary>
    const uint FirstVersion = 0x01000000;

    /// <returns>His introduction, for the phone; null: he has not shown the key.</returns>
    /// <exception cref="AdbException">He does not speak ADB.</exception>
    public static async Task<(AdbHeader Header, byte[] Banner)?> AskAsync(
        AdbWire wire, AdbKey key, CancellationToken ct)
    {
        wire.Version = FirstVersion;
        if (await NextAsync(wire, ct) is not var (hello, banner) || hello.Command != AdbCommand.Connect)
            return null;
        var token = new byte[TokenBytes];
        for (var i = 0; i < MaxTries; i++)
        {
            RandomNumberGenerator.Fill(token);
            await wire.SendAsync(AdbCommand.Auth, Token, 0, token, ct);
            if (await NextAsync(wire, ct) is not var (header, answer)
                || header is not { Command: AdbCommand.Auth, Arg0: Signature })
                return null;
            if (key.HasSigned(token, answer))
                return (hello, banner);
        }
        return null;
    }

    static async Task<(AdbHeader Header, byte[] Payload)?> NextAsync(AdbWire wire, CancellationToken ct)
    {
        if (await wire.ReadAsync(ct) is not var (header, pooled))
            return null;
        var payload = pooled.AsSpan(0, header.Length).ToArray();
        AdbWire.Return(pooled);
        return (header, payload);
    }
}
