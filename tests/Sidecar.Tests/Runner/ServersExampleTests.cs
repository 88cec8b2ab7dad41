using System.Text.Json;
using System.Text.RegularExpressions;
using YamlDotNet.RepresentationModel;

namespace CloudPhone.Sidecar.Tests.Runner;

/// <summary>The README's environment fits both ways in which it brings up the servers: compose, and Debian's
/// packages.</summary>
public partial class ServersExampleTests
{
    static readonly string Readme = File.ReadAllText(Path.Combine(Repository.Root, "README.md"));
    static readonly string Folder = Path.Combine(Repository.Root, "components", "servers");
    static readonly YamlMappingNode Servers = Compose();

    static readonly Uri Broker = new(Exported("RABBITMQ_URL"));
    static readonly Uri Database = new(Exported("DATABASE_URL"));

    [Fact]
    public void Composes_ports_are_of_this_machine_alone_and_are_those_that_the_environment_names()
    {
        Assert.Equal(("localhost", "localhost", "localhost", "localhost"),
            (Broker.Host, Database.Host, Exported("REDIS_HOST"), Exported("CONSUL_HOST")));
        Assert.Contains($"127.0.0.1:{Broker.Port}:5672", Texts("rabbitmq", "ports"));
        Assert.Contains($"127.0.0.1:{Exported("REDIS_PORT")}:6379", Texts("redis", "ports"));
        Assert.Contains($"127.0.0.1:{Database.Port}:5432", Texts("postgresql", "ports"));
        Assert.All(Servers.Children.Keys, name => Assert.All(Texts($"{name}", "ports"),
            port => Assert.StartsWith("127.0.0.1:", port, StringComparison.Ordinal)));
        Assert.Equal("8500", Exported("CONSUL_PORT")); // on the host's own network: Consul's usual port
        Assert.Contains("-client=127.0.0.1", Texts("consul", "command"));
    }

    [Fact]
    public void Composes_users_are_those_of_the_environment()
    {
        Assert.Equal((Broker.UserInfo, Broker.AbsolutePath.Trim('/')),
            ($"{Variable("rabbitmq", "RABBITMQ_DEFAULT_USER")}:{Variable("rabbitmq", "RABBITMQ_DEFAULT_PASS")}",
                Variable("rabbitmq", "RABBITMQ_DEFAULT_VHOST")));
        Assert.Equal(Database.UserInfo,
            $"{Variable("postgresql", "POSTGRES_USER")}:{Variable("postgresql", "POSTGRES_PASSWORD")}");
        var import = Texts("rabbitmq-definitions", "command");
        Assert.Equal(Broker.UserInfo, import[import.IndexOf("--user") + 1]);
    }

    [Fact]
    public void Composes_definitions_are_there_and_are_of_the_environments_virtual_host()
    {
        var mount = Assert.Single(Texts("rabbitmq-definitions", "volumes")).Split(':');
        Assert.Contains($"@{mount[1]}", Texts("rabbitmq-definitions", "command"));
        using var definitions = JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder, mount[0])));
        Assert.Equal([Broker.AbsolutePath.Trim('/')], definitions.RootElement.GetProperty("vhosts").EnumerateArray()
            .Select(v => v.GetProperty("name").GetString()!));
    }

    [Fact]
    public void Debians_commands_make_the_users_of_the_environment()
    {
        var (user, password) = (Broker.UserInfo.Split(':')[0], Broker.UserInfo.Split(':')[1]);
        Assert.Contains($"rabbitmqctl add_user {user} {password} && rabbitmqctl set_permissions "
            + $"-p {Broker.AbsolutePath.Trim('/')} {user} '.*' '.*' '.*'", Readme, StringComparison.Ordinal);
        (user, password) = (Database.UserInfo.Split(':')[0], Database.UserInfo.Split(':')[1]);
        Assert.Contains($"CREATE USER {user} CREATEDB PASSWORD '{password}'", Readme, StringComparison.Ordinal);
    }

    static string Exported(string name) => Assert.Single(
        Exports().Matches(Readme).SelectMany(l => Assignments().Matches(l.Value)), m => m.Groups[1].Value == name)
        .Groups[2].Value;

    static YamlMappingNode Compose()
    {
        using var file = File.OpenText(Path.Combine(Folder, "compose.yaml"));
        var yaml = new YamlStream();
        yaml.Load(file);
        return (YamlMappingNode)yaml.Documents[0].RootNode["services"];
    }

    static List<string> Texts(string server, string what) =>
        ((YamlMappingNode)Servers[server]).Children.TryGetValue(what, out var texts)
            ? [.. ((YamlSequenceNode)texts).Select(t => $"{t}")] : [];

    static string Variable(string server, string name) => $"{Servers[server]["environment"][name]}";

    [GeneratedRegex(@"^export .*$", RegexOptions.Multiline)]
    private static partial Regex Exports();

    [GeneratedRegex(@"(\w+)=(\S+)")]
    private static partial Regex Assignments();
}
