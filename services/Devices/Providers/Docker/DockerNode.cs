using System.Net;
using System.Net.Sockets;
using CloudPhone.Shared.Hosting;
using Microsoft.AspNetCore.WebUtilities;

namespace CloudPhone.Devices.Providers.Docker;

/// <summary>A Docker engine that phones run on.</summary>
/// <param name="Name">As the scheduler knows it, and each phone that is placed there.</param>
/// <param name="Engine">unix:///path or tcp://host:port.</param>
/// <param name="TlsFolder">With ca.pem, cert.pem and key.pem, as Docker's own client has them; null: no TLS.</param>
/// <param name="Publish">Where on the node its phones' adbd is published; null: it is reached on the containers'
/// network, which is this machine's.</param>
sealed record DockerNode(string Name, Uri Engine, string? TlsFolder, IPAddress? Publish)
{
    const string Example = "Set DOCKER_NODES to engines like here=unix:///var/run/docker.sock;"
        + "rack2=tcp://10.0.0.2:2376?tls=/etc/cloudphone/rack2&publish=10.0.0.2";

    /// <param name="value">DOCKER_NODES: name=address, several with a semicolon between them.</param>
    /// <exception cref="SettingException">It can't be read, or opens an engine or its phones to everybody.</exception>
    public static IReadOnlyList<DockerNode> Parse(string value)
    {
        var nodes = value.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(ParseOne).ToList();
        return nodes.Count > 0 && nodes.DistinctBy(n => n.Name).Count() == nodes.Count ? nodes
            : throw new SettingException($"{Example}: at least one, and each name once.");
    }

    static DockerNode ParseOne(string text)
    {
        if (text.Split('=', 2) is not [{ Length: > 0 and <= 64 } name, var address] || !name.All(IsForNames)
            || !Uri.TryCreate(address, UriKind.Absolute, out var uri))
            throw new SettingException($"{Example}; '{text}' is none.");
        var query = QueryHelpers.ParseQuery(uri.Query);
        if (query.Keys.Except(["tls", "publish"]).FirstOrDefault() is { } unknown)
            throw new SettingException($"{Example}; of node {name} '{unknown}' is not known.");
        var tls = query.TryGetValue("tls", out var folder) ? folder.ToString() : null;
        var publish = query.TryGetValue("publish", out var at) ? PublishAddress(name, at.ToString()) : null;
        return uri.Scheme switch
        {
            "unix" => new(name, new($"unix://{uri.AbsolutePath}"), null, publish),
            "tcp" when publish is null => throw new SettingException(
                $"Add publish=ADDRESS to node {name} in DOCKER_NODES: its private address, where this service "
                + "reaches its phones."),
            "tcp" when tls is null && !uri.IsLoopback => throw new SettingException(
                $"Add tls=FOLDER to node {name} in DOCKER_NODES: who reaches an engine without TLS owns its machine."),
            "tcp" => new(name, new($"tcp://{uri.Authority}"), tls, publish),
            _ => throw new SettingException($"{Example}; node {name} is neither unix nor tcp."),
        };
    }

    static bool IsForNames(char c) => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_';

    /// <summary>adbd asks for no keys: whoever reaches it owns the phone.</summary>
    static IPAddress PublishAddress(string node, string text) =>
        IPAddress.TryParse(text, out var address) && IsPrivate(address) ? address
            : throw new SettingException($"Set publish of node {node} in DOCKER_NODES to an address of a private "
                + "network: phones let in whoever reaches them.");

    static bool IsPrivate(IPAddress address) =>
        IPAddress.IsLoopback(address)
        || (address.AddressFamily == AddressFamily.InterNetworkV6 ? address.IsIPv6UniqueLocal
            : address.GetAddressBytes() is [10, ..] or [172, >= 16 and <= 31, ..] or [192, 168, ..]
                or [100, >= 64 and <= 127, ..]);
}
