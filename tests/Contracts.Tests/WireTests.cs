using System.Text.Json;
using System.Text.Json.Nodes;

namespace CloudPhone.Contracts.Tests;

/// <summary>
/// The JSON of every event is kept in Wire/. A publisher that writes something else, or a consumer that reads it
/// otherwise, fails here. UPDATE_WIRE=folder writes them there, for new events; a change of an old one breaks services
/// that run.
/// </summary>
public class WireTests
{
    static readonly JsonSerializerOptions Indented = new(EventJson.Options) { WriteIndented = true };

    public static TheoryData<string> Events => [.. Samples.EventTypes.Select(Samples.NameOf)];

    static Type TypeOf(string name) => Samples.EventTypes.Single(t => Samples.NameOf(t) == name);

    static string FileOf(string name) => Path.Combine(AppContext.BaseDirectory, "Wire", $"{name}.json");

    [Theory]
    [MemberData(nameof(Events))]
    public void A_publisher_writes_what_is_kept(string name)
    {
        var written = JsonSerializer.SerializeToNode(Samples.Of(TypeOf(name)), TypeOf(name), EventJson.Options)!;
        if (Environment.GetEnvironmentVariable("UPDATE_WIRE") is { Length: > 0 } folder)
            File.WriteAllText(Path.Combine(folder, $"{name}.json"), written.ToJsonString(Indented) + "\n");
        var kept = JsonNode.Parse(File.ReadAllText(FileOf(name)));
        Assert.True(JsonNode.DeepEquals(kept, written), $"kept:\n{kept}\nwritten:\n{written}");
    }

    [Theory]
    [MemberData(nameof(Events))]
    public void A_consumer_reads_what_is_kept(string name) =>
        Assert.Equal(Samples.Of(TypeOf(name)),
            JsonSerializer.Deserialize(File.ReadAllText(FileOf(name)), TypeOf(name), EventJson.Options));

    [Theory]
    [MemberData(nameof(Events))]
    public void What_is_optional_may_be_missing_and_what_is_new_is_skipped(string name)
    {
        var type = TypeOf(name);
        var bare = Samples.Of(type, optional: false);
        var json = JsonSerializer.SerializeToNode(bare, type, EventJson.Options)!.AsObject();
        Assert.DoesNotContain(json, p => p.Value is null);
        json["fieldOfALaterVersion"] = "x";
        Assert.Equal(bare, json.Deserialize(type, EventJson.Options));
    }

    [Theory]
    [MemberData(nameof(Events))]
    public void What_is_needed_must_be_there(string name)
    {
        var type = TypeOf(name);
        var json = JsonSerializer.SerializeToNode(
            Samples.Of(type, optional: false), type, EventJson.Options)!.AsObject();
        foreach (var field in json.Select(p => p.Key).ToList())
        {
            var without = json.DeepClone().AsObject();
            without.Remove(field);
            Assert.Throws<JsonException>(() => without.Deserialize(type, EventJson.Options));
        }
    }

    [Fact]
    public void Every_kept_file_is_an_event() =>
        Assert.Equal(Samples.EventTypes.Select(Samples.NameOf).Order(StringComparer.Ordinal),
            Directory.GetFiles(Path.GetDirectoryName(FileOf("x"))!).Select(f => Path.GetFileNameWithoutExtension(f)!)
                .Order(StringComparer.Ordinal));

    [Fact]
    public void The_names_are_those_of_the_specification()
    {
        string[] specified =
        [
            "device.created", "device.creation_failed", "device.started", "device.stopped", "device.deleted",
                "device.error",
            "device.connection_lost", "user.registered", "user.login_failed", "user.password_changed",
                "user.two_factor_enabled",
            "app.installed", "app.install_failed", "app.updated", "billing.payment_success",
                "billing.invoice_generated", "billing.low_balance",
        ];
        Assert.Empty(specified.Except(Samples.EventTypes.Select(Samples.NameOf)));
        Assert.All(Samples.EventTypes, t => Assert.True(t.IsSealed));
    }
}
