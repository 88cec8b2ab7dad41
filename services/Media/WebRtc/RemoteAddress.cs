using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace CloudPhone.Media.WebRtc;

/// <summary>An address and port of the other side; a value, so that looking one up allocates nothing.</summary>
/// <param name="Bits">The address as a number; of IPv4 the lowest 32 bits.</param>
/// <param name="Scope">The network interface of a link-local IPv6 address; else 0.</param>
readonly record struct RemoteAddress(UInt128 Bits, ushort Port, bool IsV6, uint Scope = 0)
{
    const int FamilyLength = 2, V4Length = 16, V6Length = 28;

    public static RemoteAddress From(IPEndPoint endpoint)
    {
        Span<byte> bytes = stackalloc byte[16];
        if (endpoint.Address.IsIPv4MappedToIPv6)
            endpoint = new(endpoint.Address.MapToIPv4(), endpoint.Port);
        endpoint.Address.TryWriteBytes(bytes, out var length);
        var v6 = length == 16;
        var bits = v6 ? BinaryPrimitives.ReadUInt128BigEndian(bytes) : BinaryPrimitives.ReadUInt32BigEndian(bytes);
        return new(bits, (ushort)endpoint.Port, v6, v6 ? (uint)endpoint.Address.ScopeId : 0);
    }

    /// <summary>As the kernel writes it (sockaddr_in, sockaddr_in6): port and address stand big-endian.</summary>
    public static RemoteAddress From(SocketAddress kernel)
    {
        var bytes = kernel.Buffer.Span;
        var port = BinaryPrimitives.ReadUInt16BigEndian(bytes[FamilyLength..]);
        return kernel.Family == AddressFamily.InterNetworkV6
            ? new(BinaryPrimitives.ReadUInt128BigEndian(bytes[8..]), port, true, BitConverter.ToUInt32(bytes[24..]))
            : new(BinaryPrimitives.ReadUInt32BigEndian(bytes[4..]), port, false);
    }

    /// <param name="kernel">Of the right family: only what follows it is written.</param>
    /// <returns>How many bytes of it count.</returns>
    public int Write(Span<byte> kernel)
    {
        BinaryPrimitives.WriteUInt16BigEndian(kernel[FamilyLength..], Port);
        if (!IsV6)
        {
            BinaryPrimitives.WriteUInt32BigEndian(kernel[4..], (uint)Bits);
            kernel[8..V4Length].Clear();
            return V4Length;
        }
        kernel[4..8].Clear(); // flow label
        BinaryPrimitives.WriteUInt128BigEndian(kernel[8..], Bits);
        BitConverter.TryWriteBytes(kernel[24..], Scope);
        return V6Length;
    }

    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, Bits);
        return new IPEndPoint(new IPAddress(IsV6 ? bytes : bytes[12..]), Port).ToString();
    }
}
