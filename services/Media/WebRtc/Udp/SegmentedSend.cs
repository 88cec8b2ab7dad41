using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace CloudPhone.Media.WebRtc.Udp;

/// <summary>
/// sendmsg with UDP_SEGMENT: the kernel takes many datagrams of one size (the last may be shorter) in one call, which
/// .NET's sockets don't offer. Linux on 64 bits.
/// </summary>
static unsafe partial class SegmentedSend
{
    /// <summary>The kernel's UDP_MAX_SEGMENTS.</summary>
    public const int MaxSegments = 64;
    const int SolUdp = 17, UdpSegment = 103, MsgDontWait = 0x40, MsgNoSignal = 0x4000;
    const ushort FamilyV4 = 2, FamilyV6 = 10;

    public static bool IsOffered => OperatingSystem.IsLinux() && Environment.Is64BitProcess;

    public enum Result
    {
        Sent,
        /// <summary>There is no room, or no way: what is lost is asked for again.</summary>
        Dropped,
        /// <summary>The kernel or the network device does not do it.</summary>
        Refused,
    }

    /// <param name="data">Pinned.</param>
    /// <param name="size">Of each datagram but the last.</param>
    public static Result Send(Socket socket, ReadOnlySpan<byte> data, int size, RemoteAddress to)
    {
        Span<byte> name = stackalloc byte[28];
        MemoryMarshal.Write(name, to.IsV6 ? FamilyV6 : FamilyV4);
        var nameLength = to.Write(name);
        var control = new Control { Length = 18, Level = SolUdp, Type = UdpSegment, Size = (ushort)size };
        fixed (byte* bytes = data, address = name)
        {
            var part = new Part { Start = bytes, Length = (nuint)data.Length };
            var message = new Message
            {
                Name = address, NameLength = (uint)nameLength, Parts = &part, PartCount = 1,
                Control = data.Length > size ? &control : null,
                ControlLength = data.Length > size ? (nuint)sizeof(Control) : 0,
            };
            try
            {
                if (SendMessage(socket.SafeHandle, &message, MsgDontWait | MsgNoSignal) >= 0)
                    return Result.Sent;
            }
            catch (ObjectDisposedException)
            {
                return Result.Dropped; // the hub has ended; its number may be another file's by now
            }
        }
        return Marshal.GetLastPInvokeError() switch
        {
            Invalid or Unsupported or InputOutput or NoOption when data.Length > size => Result.Refused,
            _ => Result.Dropped,
        };
    }

    const int InputOutput = 5, Invalid = 22, NoOption = 92, Unsupported = 95;

    [LibraryImport("libc", EntryPoint = "sendmsg", SetLastError = true)]
    private static partial nint SendMessage(SafeHandle socket, Message* message, int flags);

    struct Part
    {
        public byte* Start;
        public nuint Length;
    }

    struct Message
    {
        public byte* Name;
        public uint NameLength;
        public Part* Parts;
        public nuint PartCount;
        public Control* Control;
        public nuint ControlLength;
        public int Flags;
    }

    [StructLayout(LayoutKind.Sequential, Size = 24)]
    struct Control
    {
        public nuint Length;
        public int Level;
        public int Type;
        public ushort Size;
    }
}
