using System.Text;
using CloudPhone.PhoneSimulator.Disk;

namespace CloudPhone.PhoneSimulator.Adb.Sync;

/// <summary>How sync writes what <c>stat</c> knows of a file: the old form, and the one with 64-bit sizes.</summary>
static class SyncEntries
{
    const uint RootUser = 0, MediaGroup = 1015;

    public static byte[] Stat(DiskEntry? entry) => SyncWire.Words("STAT", Short(entry));

    public static byte[] Dent(DiskEntry entry) => WithName(SyncWire.Words("DENT", Short(entry)), entry.Name);

    public static byte[] DentEnd() => new byte[20].With("DONE");

    public static byte[] Stat2(string id, DiskEntry? entry, uint error) => Long(id, entry, error);

    public static byte[] Dent2(DiskEntry entry) => WithName(Long("DNT2", entry, 0), entry.Name);

    public static byte[] Dent2End() => new byte[76].With("DONE");

    static uint[] Short(DiskEntry? e) =>
        e is null ? [0, 0, 0]
            : [e.Mode, (uint)Math.Min(e.Size, uint.MaxValue), (uint)e.ModifiedAt.ToUnixTimeSeconds()];

    static byte[] Long(string id, DiskEntry? e, uint error)
    {
        if (e is null)
            return SyncWire.Words(id, [error, .. new uint[16]]);
        var (time, size) = ((ulong)e.ModifiedAt.ToUnixTimeSeconds(), (ulong)e.Size);
        // error, device, inode, mode, links, owner, group, size, then three times: of access, data and entry
        return SyncWire.Words(id, error, 1, 0, 1, 0, e.Mode, 1, RootUser, MediaGroup, Low(size), High(size),
            Low(time), High(time), Low(time), High(time), Low(time), High(time));
    }

    static uint Low(ulong value) => (uint)value;

    static uint High(ulong value) => (uint)(value >> 32);

    static byte[] WithName(byte[] head, string name)
    {
        var bytes = Encoding.UTF8.GetBytes(name);
        return [.. head, .. BitConverter.GetBytes((uint)bytes.Length), .. bytes];
    }

    static byte[] With(this byte[] zeros, string id)
    {
        Encoding.Latin1.GetBytes(id, zeros);
        return zeros;
    }
}
