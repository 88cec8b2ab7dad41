using System.Text.RegularExpressions;
using CloudPhone.Testing;

namespace CloudPhone.Contracts.Tests;

/// <summary>What holds the services apart, read from the files of the working copy.</summary>
public partial class ArchitectureTests
{
    const int MaxLines = 400;
    const int MaxMedian = 60;

    /// <summary>What all services are made of.</summary>
    static readonly string[] Common = ["Shared", "Contracts", "Apk", "Adb", "Scrcpy"];

    /// <summary>Referenced for its program alone, which the device service starts for every phone.</summary>
    static readonly string[] Programs = ["services/Devices/Devices.csproj: PhoneSimulator"];

    /// <summary>Where a client of HTTP may be made, and what it talks to.</summary>
    static readonly Dictionary<string, string> Clients = new()
    {
        ["services/Shared/Http/SiblingAddresses.cs"] = "siblings, by way of the sidecar: the one that all services use",
        ["services/Shared/Http/SiblingHandler.cs"] = "siblings: chooses between the sidecar and the configured address",
        ["services/Shared/Hosting/SidecarClients.cs"] = "the own sidecar's API",
        ["services/Gateway/Proxy/ProxySetup.cs"] = "siblings, by way of the sidecar: it streams what users send",
        ["services/Devices/Providers/Simulated/PhoneControl.cs"] = "the processes of simulated phones",
        ["services/Billing/Payments/Stripe/StripeCalls.cs"] = "Stripe",
    };

    [Fact]
    public void No_service_references_another()
    {
        AssertNone(
            from project in Files("services", "*.csproj")
            from Match reference in ProjectReference().Matches(Read(project))
            let name = reference.Groups["name"].Value
            where !Common.Contains(name) && !Programs.Contains($"{project}: {name}")
            select $"{project} references {name}");
        AssertNone(
            from file in Files("services/Devices", "*.cs")
            where Code(file).Any(l => l.Contains("using CloudPhone.PhoneSimulator", StringComparison.Ordinal))
            select $"{file} uses the simulator as a library");
    }

    [Fact]
    public void Events_are_sealed_records() => AssertNone(
        from type in Samples.EventTypes
        where !type.IsSealed || type.GetMethod("<Clone>$") is null
        select $"{type.Name} is no sealed record");

    /// <summary>
    /// <c>DeviceCreationFailed</c> is <c>device.creation_failed</c> and stands in <c>DeviceEvents.cs</c>: its first
    /// word is the service's, or <c>System</c> for what every service publishes.
    /// </summary>
    [Fact]
    public void Events_are_named_like_their_types() => AssertNone(
        from type in Samples.EventTypes
        let words = Word().Split(type.Name)[1..]
        let expected = $"{words[0]}.{string.Join('_', words[1..])}".ToLowerInvariant()
        let file = $"services/Contracts/{words[0]}Events.cs"
        where Samples.NameOf(type) != expected || !Publishers.Contains(words[0].ToLowerInvariant())
            || !Read(file).Contains($"record {type.Name}(", StringComparison.Ordinal)
        select $"{type.Name} is called {Samples.NameOf(type)}: it should be {expected} of {file}");

    /// <summary>Only MapSubscription puts the inbox around a handler; only the outbox survives a crash.</summary>
    [Fact]
    public void Events_come_and_go_through_inbox_and_outbox() => AssertNone(
        from file in Files("services", "*.cs")
        where !file.StartsWith("services/Shared/", StringComparison.Ordinal)
        from line in Code(file)
        where OwnMessaging().IsMatch(line)
        select $"{file}: {line.Trim()}");

    [Fact]
    public void Siblings_are_called_through_the_sidecar_only()
    {
        var found = Files("services", "*.cs").Where(f => Code(f).Any(HttpClients().IsMatch)).ToList();
        AssertNone(found.Except(Clients.Keys).Select(f => $"{f} makes a client of HTTP; take the Sibling"));
        AssertNone(Clients.Keys.Except(found).Select(
            f => $"{f} makes no client of HTTP any more: take it off the list"));
    }

    [Fact]
    public void No_file_is_long() => AssertNone(
        from file in ((string[])["services", "sidecar", "tests"]).SelectMany(f => Files(f, "*.cs"))
        let lines = Lines(file)
        where lines > MaxLines
        select $"{file} has {lines} lines");

    [Fact]
    public void Files_are_short()
    {
        var files = Files("services", "*.cs").Concat(Files("sidecar", "*.cs")).OrderByDescending(Lines).ToList();
        var median = Lines(files[files.Count / 2]);
        Assert.True(median < MaxMedian,
            $"half of the files have {median} lines or more; the longest are {string.Join(", ", files.Take(10))}");
    }

    /// <summary>
    /// Secrets are for all apps. The embedded broker waits for the apps of the template, so it is in the scope of all
    /// and says of each which topics are its own.
    /// </summary>
    [Fact]
    public void Resources_say_which_apps_they_are_for() => AssertNone(
        from file in Files("components", "*.yaml").Concat(Files("dapr-config", "*.yaml"))
        let yaml = Read(file)
        where Scoped().IsMatch(yaml) && !yaml.Contains("type: secretstores.", StringComparison.Ordinal)
        let apps = yaml.Contains("type: pubsub.embedded", StringComparison.Ordinal)
            ? TopicScopes().Matches(yaml).Select(m => m.Value) : [Scopes().Match(yaml).Groups["apps"].Value]
        let strangers = apps.SelectMany(a => AppId().Matches(a)).Select(m => m.Value).Except(Apps)
        where !apps.Any() || apps.Any(a => !AppId().IsMatch(a)) || strangers.Any()
        select $"{file}: scopes are missing, or name {string.Join(", ", strangers.DefaultIfEmpty("nobody"))}");

    static IEnumerable<string> Apps =>
        typeof(AppIds).GetFields().Select(f => (string)f.GetRawConstantValue()!);

    static IEnumerable<string> Publishers =>
        Apps.Select(a => a.Replace("-service", "", StringComparison.Ordinal)).Append("system");

    /// <summary>By their paths from the root; without what is built, and without migrations.</summary>
    static IEnumerable<string> Files(string folder, string pattern) =>
        from path in Directory.EnumerateFiles(
            Path.Combine(Repository.Root, folder), pattern, SearchOption.AllDirectories)
        let file = Path.GetRelativePath(Repository.Root, path).Replace('\\', '/')
        where !NotWritten().IsMatch(file)
        orderby file
        select file;

    static string Read(string file) => File.ReadAllText(Path.Combine(Repository.Root, file));

    static int Lines(string file) => File.ReadLines(Path.Combine(Repository.Root, file)).Count();

    static IEnumerable<string> Code(string file) => Read(file).Split('\n').Where(l => !Comment().IsMatch(l));

    static void AssertNone(IEnumerable<string> wrong) =>
        Assert.True(!wrong.Any(), string.Join('\n', wrong));

    [GeneratedRegex("/(bin|obj|Migrations)/")]
    private static partial Regex NotWritten();

    [GeneratedRegex(@"^\s*//")]
    private static partial Regex Comment();

    [GeneratedRegex(@"<ProjectReference [^>]*[/""](?<name>\w+)\.csproj""[^>]*>")]
    private static partial Regex ProjectReference();

    [GeneratedRegex("(?=[A-Z])")]
    private static partial Regex Word();

    [GeneratedRegex(@"\[Topic|WithTopic|ITopicMetadata|TopicAttribute|MapSubscribeHandler|Map\w+\(""/?events/"
        + @"|Publish\w*EventAsync|v1\.0/publish")]
    private static partial Regex OwnMessaging();

    [GeneratedRegex(@"new (HttpClient|HttpMessageInvoker|SocketsHttpHandler|HttpClientHandler)\b|AddHttpClient[<(]"
        + @"|(HttpClient|HttpMessageInvoker) \w+ = new\(|IHttpClientFactory")]
    private static partial Regex HttpClients();

    [GeneratedRegex("^kind: (Component|Resiliency|Subscription)$", RegexOptions.Multiline)]
    private static partial Regex Scoped();

    [GeneratedRegex(@"^scopes: \[(?<apps>.*)\]$", RegexOptions.Multiline)]
    private static partial Regex Scopes();

    [GeneratedRegex(@"(?<=name: (publishing|subscription)Scopes\n\s*value: )""[^""]*""")]
    private static partial Regex TopicScopes();

    [GeneratedRegex(@"(?<![\w.-])[a-z]+-(service|gateway)\b")]
    private static partial Regex AppId();
}
