using System.Text.Json.Serialization;

namespace CloudPhone.PhoneSimulator;

/// <summary><c>phone.json</c>, written by whoever creates the phone.</summary>
/// <param name="Token">What a caller of the control port shows.</param>
sealed record PhoneIdentity(Guid DeviceId, string Token);

/// <summary><c>state.json</c>: what survives a restart.</summary>
/// <param name="Power">As last commanded: <c>on</c> without a process is a crash.</param>
/// <param name="Properties">Those that were set to persist.</param>
/// <param name="Faults">Those that stay until they are cleared.</param>
sealed record PhoneState(
    string Power, IReadOnlyList<InstalledPackage> Packages, Dictionary<string, string>? Properties = null,
    Dictionary<string, int>? Faults = null)
{
    public const string On = "on";
    public const string Off = "off";
}

/// <param name="Size">Bytes of the APK.</param>
/// <param name="Permissions">What it asks for.</param>
/// <param name="Granted">What of that was granted after it was installed.</param>
/// <param name="AppId">Which of the users that Android makes for apps it is.</param>
sealed record InstalledPackage(
    string PackageName, string Version, long VersionCode, string Sha256, long Size, DateTimeOffset InstalledAt,
    IReadOnlyList<string>? Permissions = null, IReadOnlyList<string>? Granted = null, int AppId = 0)
{
    [JsonIgnore]
    public IReadOnlyList<string> Requested => Permissions ?? [];

    public bool Has(string permission) => Granted?.Contains(permission) == true;
}

/// <summary><c>run.json</c>: which process the phone is, and its ports on the loopback address.</summary>
/// <param name="StartedAt">With the pid it names the process beyond doubt.</param>
/// <param name="Port">Control.</param>
/// <param name="AdbPort">adbd's.</param>
sealed record PhoneRun(int Pid, DateTimeOffset StartedAt, int Port, int AdbPort);

/// <summary>The answer to GET /status.</summary>
sealed record PhoneStatus(Guid DeviceId, string Power, bool Booted, DateTimeOffset StartedAt, int Packages);

/// <summary>What is wrong with the phone on demand, by name, with milliseconds where it has any.</summary>
sealed record FaultList(IReadOnlyDictionary<string, int> Faults);

sealed record ErrorAnswer(string Error);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(PhoneIdentity))]
[JsonSerializable(typeof(PhoneState))]
[JsonSerializable(typeof(PhoneRun))]
[JsonSerializable(typeof(PhoneStatus))]
[JsonSerializable(typeof(FaultList))]
[JsonSerializable(typeof(ErrorAnswer))]
sealed partial class PhoneJson : JsonSerializerContext;
