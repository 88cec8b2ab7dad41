namespace CloudPhone.Users.Quotas;

/// <summary>Why a quota gives nothing, for its user: what is lacking, what is left, how to get more.</summary>
static class QuotaRefusal
{
    const string More = "Delete a phone, or order a plan with more.";

    public static string For(QuotaView quota, Demand demand, DateTimeOffset now)
    {
        var (limits, usage) = (quota.Limits, quota.Usage);
        if (quota.ValidUntil <= now)
            return FormattableString.Invariant($"Your quota was valid until {quota.ValidUntil:yyyy-MM-dd HH:mm} UTC. ")
                + "Your phones stay; for new ones top up your balance or order a plan.";
        if (usage.CurrentDevices + 1 > limits.MaxDevices)
            return $"Your quota allows {limits.MaxDevices} phones: {usage.CurrentDevices} exist or are being created. "
                + More;
        var room = QuotaRoom.Of(limits, usage);
        if (demand.CpuCores > room.CpuCores)
            return $"Your quota allows {limits.TotalCpuCores} CPU cores: {usage.UsedCpuCores} are taken, "
                + $"{room.CpuCores} are left, this phone needs {demand.CpuCores}. {Smaller(room.CpuCores)}{More}";
        if (demand.MemoryGB > room.MemoryGB)
            return $"Your quota allows {limits.TotalMemoryGB} GB of memory: {usage.UsedMemoryGB} are taken, "
                + $"{room.MemoryGB} are left, this phone needs {demand.MemoryGB}. {Smaller(room.MemoryGB)}{More}";
        return "There was no room in your quota at that moment; now there is. Try again.";
    }

    static string Smaller(int left) => left > 0 ? "Ask for a smaller one. " : "";
}
