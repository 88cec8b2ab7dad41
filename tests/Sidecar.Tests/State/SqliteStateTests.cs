using CloudPhone.Sidecar.Hosting;
using CloudPhone.Sidecar.Tests.Testing;
using Microsoft.Data.Sqlite;

namespace CloudPhone.Sidecar.Tests.State;

public class SqliteStateTests
{
    [Fact]
    public async Task A_file_keeps_what_was_acknowledged_when_its_process_dies()
    {
        var file = StateSidecar.NewFile();
        await using var first = await StateSidecar.StartAsync("state.sqlite", metadata: [("connectionString", file)]);
        await first.SaveAsync("k", "1");
        await first.SaveAsync("k", "2");
        // what is in the files now is what a killed process leaves: nothing was closed or flushed
        var left = StateSidecar.NewFile();
        foreach (var suffix in (string[])["", "-wal"])
            File.Copy(file + suffix, left + suffix);
        await using var second = await StateSidecar.StartAsync("state.sqlite",
            metadata: [("connectionString", $"file:{left}")]);
        var read = await second.ValueAsync("k");
        Assert.Equal(("2", "2"), (read.Body, read.Headers["etag"]));
    }

    [Fact]
    public async Task Apps_of_one_file_do_not_see_each_other_unless_the_prefix_says_so()
    {
        var file = StateSidecar.NewFile();
        await using var neighbourhood = new SidecarNeighbourhood();
        async Task<TestSidecar> StartAsync(string app, string prefix, string ns = "")
        {
            return await StateSidecar.StartAsync("state.sqlite", app, neighbourhood,
                o => ns == "" ? o : o with { Environment = new Dictionary<string, string> { ["NAMESPACE"] = ns } },
                [("connectionString", file), ("keyPrefix", prefix)]);
        }

        foreach (var (prefix, key) in (ValueTuple<string, string>[])
            [("appid", "user-service||k"), ("none", "k"), ("name", "statestore||k"), ("shared", "shared||k"),
                ("namespace", "user-service||k")])
        {
            await using var sidecar = await StartAsync("user-service", prefix);
            Assert.Equal(204, (await sidecar.SaveAsync("k", $"\"{prefix}\"")).Status);
            Assert.Contains(key, Keys(file));
        }
        await using (var spaced = await StartAsync("user-service", "namespace", "prod"))
            await spaced.SaveAsync("k", "1");
        Assert.Equal(["k", "prod.user-service||k", "shared||k", "statestore||k", "user-service||k"], Keys(file));
        await using var other = await StartAsync("billing-service", "appid");
        Assert.Equal(204, (await other.ValueAsync("k")).Status);
        await using var sharing = await StartAsync("billing-service", "shared");
        Assert.Equal("\"shared\"", (await sharing.ValueAsync("k")).Body);
    }

    [Fact]
    public async Task Writers_of_one_file_in_several_sidecars_and_processes_do_not_fail()
    {
        var file = StateSidecar.NewFile();
        // without a common neighbourhood each has its own connection, as processes have
        await using var a = await StateSidecar.StartAsync("state.sqlite",
            metadata: [("connectionString", file), ("keyPrefix", "none")]);
        await using var b = await StateSidecar.StartAsync("state.sqlite",
            metadata: [("connectionString", file), ("keyPrefix", "none")]);
        var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(i =>
            (i % 2 == 0 ? a : b).SaveAsync($"k{i}", "1")));
        Assert.All(answers, x => Assert.Equal(204, x.Status));
        Assert.Equal(200, Keys(file).Count);
    }

    [Fact]
    public async Task Expired_rows_leave_the_file()
    {
        var file = StateSidecar.NewFile();
        await using var sidecar = await StateSidecar.StartAsync(
            "state.sqlite", metadata: [("connectionString", file), ("cleanupInterval", "100ms")]);
        await sidecar.SaveAsync("stays", "1", ttl: "100");
        await sidecar.SaveAsync("goes", "1", ttl: "1");
        Assert.Equal(2, Keys(file).Count);
        await Wait.UntilAsync("clean-up", () => Keys(file).Count == 1);
    }

    [Theory]
    [InlineData("connectionString", "", "connectionString")]
    [InlineData("connectionString", "data.db?mode=ro", "question mark")]
    [InlineData("connectionString", "/proc/nothing/state.db", "does not open")]
    [InlineData("tableName", "a; DROP TABLE x", "letters, digits")]
    [InlineData("busyTimeout", "soon", "duration")]
    [InlineData("timeout", "0s", "more than zero")]
    [InlineData("keyPrefix", "a||b", "can't contain '||'")]
    [InlineData("connectionStrings", "x", "is not a field")]
    public async Task Wrong_metadata_ends_the_start_with_one_sentence(string field, string value, string part)
    {
        (string, string)[] metadata = field == "connectionString"
            ? [(field, value)]
            : [("connectionString", StateSidecar.NewFile()), (field, value)];
        var e = await Assert.ThrowsAsync<ConfigurationException>(
            () => StateSidecar.StartAsync("state.sqlite", metadata: metadata));
        Assert.Contains(part, e.Message, StringComparison.Ordinal);
        Assert.Contains("r00.yaml", e.Message, StringComparison.Ordinal);
        Assert.Contains(field, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_programs_tables_are_left_alone()
    {
        var file = StateSidecar.NewFile();
        using (var connection = new SqliteConnection($"Data Source={file};Pooling=false"))
        {
            connection.Open();
            using var create = connection.CreateCommand();
            create.CommandText = "CREATE TABLE state (key TEXT PRIMARY KEY, value TEXT, is_binary BOOLEAN, etag TEXT)";
            create.ExecuteNonQuery();
        }
        var e = await Assert.ThrowsAsync<ConfigurationException>(
            () => StateSidecar.StartAsync("state.sqlite", metadata: [("connectionString", file)]));
        Assert.Contains("did not make", e.Message, StringComparison.Ordinal);
    }

    static List<string> Keys(string file)
    {
        using var connection = new SqliteConnection($"Data Source={file};Pooling=false;Mode=ReadOnly");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT key FROM state ORDER BY key";
        using var reader = command.ExecuteReader();
        List<string> keys = [];
        while (reader.Read())
            keys.Add(reader.GetString(0));
        return keys;
    }
}
