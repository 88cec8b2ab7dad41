using CloudPhone.Contracts;
using CloudPhone.Platform.Tests.Running;

namespace CloudPhone.Platform.Tests.Faults;

/// <summary>
/// Processes that die in the middle of 50 creations, as crashes and power failures end them. One platform goes through
/// all of it, as a platform in use would.
/// </summary>
[Collection(nameof(KilledPlatform))]
[Trait("kind", "faults")]
public sealed class KillTests(KilledPlatform platform, ITestOutputHelper output)
{
    [Theory]
    [InlineData(AppIds.Users)]
    [InlineData(AppIds.Devices)]
    [InlineData(AppIds.Apps)]
    [InlineData(AppIds.Scheduler)]
    [InlineData(AppIds.Billing)]
    [InlineData(AppIds.Notifications)]
    [InlineData(AppIds.Gateway)]
    public async Task A_service_is_killed_while_50_phones_are_created_and_nothing_is_lost(string service)
    {
        await using var scene = await FaultScene.OnAsync(platform.Platform, output);
        var creations = await scene.CreateDuringAsync(async () =>
        {
            await platform.Platform.KillServiceAsync(service);
            await platform.Platform.UntilHealthyAsync(service);
        });
        await scene.NothingIsLostAsync(creations);
    }

    [Fact]
    public async Task The_whole_platform_is_killed_while_50_phones_are_created_and_nothing_is_lost()
    {
        await using var scene = await FaultScene.OnAsync(platform.Platform, output);
        var creations = await scene.CreateDuringAsync(async () =>
        {
            await platform.Platform.KillEverythingAsync();
            await platform.Platform.StartAgainAsync();
        });
        await scene.NothingIsLostAsync(creations);
    }

    /// <summary>Of a platform on two, which CLOUDPHONE_TEST_REPLICAS=2 makes.</summary>
    [Fact, Trait("Needs", "Replicas")]
    public async Task A_machine_is_lost_while_50_phones_are_created_and_nothing_is_lost()
    {
        await using var scene = await FaultScene.OnAsync(platform.Platform, output);
        var creations = await scene.CreateDuringAsync(platform.Platform.LoseReplicaAsync);
        await scene.NothingIsLostAsync(creations);
    }
}

/// <summary>
/// The platform that the kill tests share, with room for ten phones of each user. What runs is charged often, so that
/// there are charges to be lost.
/// </summary>
[CollectionDefinition(nameof(KilledPlatform), DisableParallelization = true)]
public sealed class KilledPlatform : IAsyncLifetime, ICollectionFixture<KilledPlatform>
{
    public RunningPlatform Platform { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Platform = await RunningPlatform.StartAsync(
        ("DEFAULT_MAX_DEVICES", $"{FaultScene.PhonesEach}"), ("CHARGE_SECONDS", "5"));

    public ValueTask DisposeAsync() => Platform.DisposeAsync();
}

[CollectionDefinition(nameof(OwnPlatform), DisableParallelization = true)]
public sealed class OwnPlatform;
