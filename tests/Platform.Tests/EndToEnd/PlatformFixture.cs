using CloudPhone.Platform.Tests.Invariants;
using CloudPhone.Platform.Tests.Running;

namespace CloudPhone.Platform.Tests.EndToEnd;

/// <summary>One platform for all tests that leave it as they found it.</summary>
public sealed class PlatformFixture : IAsyncLifetime
{
    public RunningPlatform Platform { get; private set; } = null!;

    /// <summary>In bytes, of all processes once they were healthy.</summary>
    public long MemoryAtStart { get; private set; }

    public async ValueTask InitializeAsync()
    {
        // tests that look whether anything changed must not see what runs being charged
        Platform = await RunningPlatform.StartAsync(("CHARGE_SECONDS", "3600"));
        MemoryAtStart = Platform.AllProcesses().Sum(Processes.Memory);
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await using (var admin = await Platform.AdminAsync())
                await PlatformAtRest.UntilAsync(Platform, admin, []);
            await Platform.StopAsync();
            Assert.Empty(Platform.Left());
        }
        finally
        {
            await Platform.DisposeAsync();
        }
    }
}

[CollectionDefinition(nameof(SharedPlatform), DisableParallelization = true)]
public sealed class SharedPlatform : ICollectionFixture<PlatformFixture>;
