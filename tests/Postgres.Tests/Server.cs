using CloudPhone.Postgres.Tests;

[assembly: AssemblyFixture(typeof(Server))]

namespace CloudPhone.Postgres.Tests;

/// <summary>The one PostgreSQL server of the run; without its programs the tests skip.</summary>
public sealed class Server : IAsyncLifetime
{
    PostgresServer? _server;

    public async ValueTask InitializeAsync() =>
        _server = PostgresServer.Missing is null ? await PostgresServer.StartAsync() : null;

    public async ValueTask DisposeAsync() => await (_server?.DisposeAsync() ?? ValueTask.CompletedTask);

    /// <summary>The service on an empty database.</summary>
    public async Task<TestService<TProgram>> StartAsync<TProgram>(params (string Name, string Value)[] settings)
        where TProgram : class =>
        On<TProgram>(await CreateDatabaseAsync(), settings);

    public Task<string> CreateDatabaseAsync()
    {
        if (_server is null)
            Assert.Skip(PostgresServer.Missing!);
        return _server!.CreateDatabaseAsync();
    }

    public static TestService<TProgram> On<TProgram>(string url, params (string Name, string Value)[] settings)
        where TProgram : class =>
        new([
            ("DATABASE_URL", url), ("ADMIN_PASSWORD", "quiet rivers run deep"), ("DAPR_GRPC_PORT", "1"),
            ("NODE_NAME", "one"),
            ("DEFAULT_MAX_DEVICES", "10"), ("DEFAULT_TOTAL_CPU_CORES", "100"), ("DEFAULT_TOTAL_MEMORY_GB", "100"),
            ("NODE_CPU_CORES", "40"), ("NODE_MEMORY_GB", "80"), ("NODE_MAX_DEVICES", "20"), .. settings,
        ]);
}
