using CloudPhone.Contracts;

namespace CloudPhone.Platform.Tests.Faults;

/// <summary>Processes that die in the middle of 50 creations, as crashes and power failures end them.</summary>
[Collection(nameof(OwnPlatform))]
public sealed class KillTests(ITestOutputHelper output)
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
        await using var scene = await FaultScene.StartAsync(output);
        var creations = await scene.CreateDuringAsync(async () =>
        {
            await scene.Platform.KillServiceAsync(service);
            await scene.Platform.UntilHealthyAsync(service);
        });
        await scene.NothingIsLostAsync(creations);
    }

    [Fact]
    public async Task The_whole_platform_is_killed_while_50_phones_are_created_and_nothing_is_lost()
    {
        await using var scene = await FaultScene.StartAsync(output);
        var creations = await scene.CreateDuringAsync(async () =>
        {
            await scene.Platform.KillEverythingAsync();
            await scene.Platform.StartAgainAsync();
        });
        await scene.NothingIsLostAsync(creations);
    }
}

[CollectionDefinition(nameof(OwnPlatform), DisableParallelization = true)]
public sealed class OwnPlatform;
