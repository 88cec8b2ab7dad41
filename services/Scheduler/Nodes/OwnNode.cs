using CloudPhone.Shared.Hosting;

namespace CloudPhone.Scheduler.Nodes;

/// <summary>The node that this scheduler brings along: the machine that it runs on.</summary>
/// <param name="CpuCores">Null: a default when the node is new, and what it was ever after. So for the others.</param>
sealed record OwnNode(string Name, int? CpuCores, int? MemoryGB, int? MaxDevices)
{
    // simulated phones take a small part of what they are sold as
    public const int DefaultCpuCores = 256;
    public const int DefaultMemoryGB = 512;
    public const int DefaultMaxDevices = 200;

    /// <returns>Null where NODE_REGISTER is false.</returns>
    /// <exception cref="SettingException">One of the settings is wrong.</exception>
    public static OwnNode? From(IConfiguration configuration)
    {
        if (!configuration.Flag("NODE_REGISTER", true))
            return null;
        var name = configuration["NODE_NAME"] is { Length: > 0 } given ? given : Environment.MachineName;
        if (NodeLimits.Check(name, null, null, null) is not null)
            throw new SettingException("Set NODE_NAME to 1 to 64 letters, digits, dots, hyphens and underscores.");
        return new(name, Read("NODE_CPU_CORES", NodeLimits.MaxCpuCores), Read("NODE_MEMORY_GB", NodeLimits.MaxMemoryGB),
            Read("NODE_MAX_DEVICES", NodeLimits.MaxDevices));

        int? Read(string setting, int max) =>
            string.IsNullOrEmpty(configuration[setting]) ? null : configuration.Number(setting, 1, 1, max);
    }
}
