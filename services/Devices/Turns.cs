using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Devices;

/// <summary>Makes transactions wait for each other where what they check is in many rows, as a limit is. On SQLite
/// writers take turns anyway.</summary>
static class Turns
{
    /// <summary>Any constants: each is a lock of its own, and ends with the transaction.</summary>
    public const int Batches = 5_026_001;
    public const int Snapshots = 5_026_002;
    public const int Shares = 5_026_003;
    public const int Tunnels = 5_026_004;

    /// <param name="whose">Of this user's, or this phone's, alone.</param>
    public static Task TakeTurnAsync(this DeviceDb db, int what, Guid whose, CancellationToken ct)
    {
        var part = BitConverter.ToInt32(whose.ToByteArray(), 12);
        return db.Database.IsNpgsql()
            ? db.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock({what}, {part})", ct) : Task.CompletedTask;
    }
}
