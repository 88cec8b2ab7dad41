using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using CloudPhone.Adb;

namespace CloudPhone.Devices.Tests.Tunnels;

/// <summary>Somebody's adb at a tunnel, by hand.</summary>
sealed class TunnelPeer : IDisposable
{
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    readonly TcpClient _client = new();
    readonly AdbWire _wire;
    readonly bool _says;

    TunnelPeer(int port, bool says)
    {
        _client.Connect("127.0.0.1", port);
        (_wire, _says) = (new(_client.GetStream(), TimeProvider.System) { Version = 0x01000000 }, says);
    }

    /// <param name="says">Whether it introduces itself.</param>
    public static async Task<TunnelPeer> ConnectAsync(int port, bool says = true)
    {
        var peer = new TunnelPeer(port, says);
        if (says)
            await peer._wire.SendAsync(AdbCommand.Connect, 0x01000001, 64 << 10, "host::\0"u8.ToArray(), default);
        return peer;
    }

    async Task<(AdbHeader Header, byte[] Payload)?> ReadAsync()
    {
        using var limit = new CancellationTokenSource(Limit);
        try
        {
            return await _wire.ReadAsync(limit.Token);
        }
        catch (AdbException)
        {
            return null; // cut off
        }
    }

    /// <returns>The phone's banner; null where the tunnel hung up.</returns>
    public async Task<string?> AuthenticateAsync(params RSA[] keys)
    {
        foreach (var rsa in keys)
        {
            if (await ReadAsync() is not var (header, payload) || header.Command != AdbCommand.Auth)
                return null;
            var signature = rsa.SignHash(payload.AsSpan(0, header.Length).ToArray(), HashAlgorithmName.SHA1,
                RSASignaturePadding.Pkcs1);
            await _wire.SendAsync(AdbCommand.Auth, 2, 0, signature, default);
        }
        // out of keys, adb offers its own
        while (await ReadAsync() is var (header, payload))
        {
            if (header.Command == AdbCommand.Connect)
                return Encoding.ASCII.GetString(payload, 0, header.Length);
            await _wire.SendAsync(AdbCommand.Auth, 3, 0, new byte[8], default);
        }
        return null;
    }

    public async Task<bool> IsCutOffAfterAsync(AdbCommand command, uint arg0, byte[] payload)
    {
        if (_says)
            Assert.Equal(AdbCommand.Auth, (await ReadAsync())!.Value.Header.Command);
        await _wire.SendAsync(command, arg0, 0, payload, default);
        return await EndsAsync();
    }

    public async Task<bool> EndsAsync() => await ReadAsync() is null;

    public void Dispose()
    {
        _wire.Dispose();
        _client.Dispose();
    }
}
