namespace CloudPhone.Devices;

/// <summary>What transactions of this service take turns with.</summary>
static class Turns
{
    public const int Batches = 5_026_001;
    public const int Snapshots = 5_026_002;
    public const int Shares = 5_026_003;
    public const int Tunnels = 5_026_004;
}
