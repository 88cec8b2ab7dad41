using CloudPhone.SampleService;
using Npgsql;

namespace CloudPhone.Postgres.Tests;

/// <summary>A service that starts before its server, or with a wrong address of it.</summary>
public sealed class StartupTests
{
    static async Task<ServiceProcess> StartAsync(string url, int waitSeconds)
    {
        await using var settings = new TestService<NotesDb>(("DATABASE_URL", url));
        return ServiceProcess.Start<NotesDb>([.. settings.Settings, ("DATABASE_WAIT_SECONDS", $"{waitSeconds}")]);
    }

    static void AssertLastLine(string output, params string[] words)
    {
        var last = output.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1];
        Assert.All(words, w => Assert.Contains(w, last, StringComparison.Ordinal));
        Assert.DoesNotContain("only in tests", output, StringComparison.Ordinal);
        Assert.DoesNotContain(" at Npgsql", output, StringComparison.Ordinal);
        Assert.DoesNotContain("Unhandled", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_never_comes_ends_it_with_one_sentence()
    {
        await using var service = await StartAsync("postgres://anna:only%20in%20tests@127.0.0.1:1/notes", 5);
        Assert.Equal(1, await service.EndAsync());
        Assert.Contains(
            "PostgreSQL at 127.0.0.1:1 can't be reached, next try", service.Output, StringComparison.Ordinal);
        AssertLastLine(service.Output, "PostgreSQL at 127.0.0.1:1 could not be reached for 5 s", "DATABASE_URL");
    }

    [Fact]
    public async Task Another_replica_that_migrates_is_waited_for_longer_than_for_a_server()
    {
        if (PostgresServer.Missing is { } reason)
            Assert.Skip(reason);
        await using var server = await PostgresServer.StartAsync();
        var url = await server.CreateDatabaseAsync();
        await using var twin = new NpgsqlConnection(server.ConnectionString(new Uri(url).AbsolutePath[1..]));
        await twin.OpenAsync();
        await ExecuteAsync(twin, "SELECT pg_advisory_lock(5021000)"); // as one that migrates a large table
        await using var service = await StartAsync($"{url}?Command%20Timeout=1", 3);
        await Wait.UntilAsync("it to have waited for longer",
            () => service.Output.Split("migrates the database").Length > 4, 60);
        await ExecuteAsync(twin, "SELECT pg_advisory_unlock(5021000)");
        using var client = new HttpClient { BaseAddress = await service.AddressAsync() };
        await client.GetAsync("/health/ready").JsonAsync();
        Assert.DoesNotContain("can't be reached", service.Output, StringComparison.Ordinal);
    }

    static async Task<object?> ExecuteAsync(NpgsqlConnection connection, string statement)
    {
#pragma warning disable CA2100 // constants of this class
        await using var command = new NpgsqlCommand(statement, connection);
#pragma warning restore CA2100
        return await command.ExecuteScalarAsync();
    }

    [Fact]
    public async Task A_server_that_comes_late_is_waited_for_and_a_wrong_password_is_said()
    {
        if (PostgresServer.Missing is { } reason)
            Assert.Skip(reason);
        await using var server = await PostgresServer.StartAsync();
        var url = await server.CreateDatabaseAsync();
        await server.StopAsync();
        await using var service = await StartAsync(url, 120);
        await Wait.UntilAsync("it to wait",
            () => service.Output.Contains("can't be reached", StringComparison.Ordinal), 60);
        await server.StartAgainAsync();
        using var client = new HttpClient { BaseAddress = await service.AddressAsync() };
        await client.GetAsync("/health/ready").JsonAsync();

        var port = new Uri(url).Port;
        await using var stranger = await StartAsync($"postgres://cloudphone:wrong@127.0.0.1:{port}/notes", 120);
        Assert.Equal(2, await stranger.EndAsync());
        AssertLastLine(stranger.Output, $"PostgreSQL at 127.0.0.1:{port} refuses user 'cloudphone'", "DATABASE_URL");
    }
}
