using System.Net;
using CloudPhone.Contracts;
using CloudPhone.Platform.Tests.Chaos;
using CloudPhone.Platform.Tests.Invariants;
using CloudPhone.Platform.Tests.Running;
using CloudPhone.Testing;

namespace CloudPhone.Platform.Tests.Faults;

/// <summary>
/// Users switch phones on and off at random, and some crash and heal, while billing and the broker are killed twice.
/// What is billed in the end is what the phones' own histories say, without their time in error, and what was charged
/// is what the ledger has debited. An embedded platform has no
/// broker of its own to kill; its bills are looked at after each of the <see cref="KillTests"/>.
/// </summary>
[Collection(nameof(KilledPlatform))]
[Trait("kind", "faults"), Trait("Needs", "Servers")]
public sealed class MeteringOracleTests(KilledPlatform killed, ITestOutputHelper output)
{
    const int Togglers = 4;
    static readonly int Users = ChaosForm.IsFull ? 20 : 4;
    static readonly TimeSpan Duration = TimeSpan.FromSeconds(ChaosForm.IsFull ? 180 : 45);
    readonly RunningPlatform _platform = killed.Platform;
    readonly List<PlatformUser> _users = [];
    readonly List<Phone> _phones = [];
    int _accepted;

    sealed record Phone(PlatformUser User, Guid Id);

    [Fact]
    public async Task Billed_is_what_the_phones_ran_and_charged_is_what_was_debited()
    {
        await CreateAsync();
        using var end = new CancellationTokenSource(Duration);
        var toggling = Enumerable.Range(0, Togglers).Select(_ => ToggleAsync(end.Token)).ToList();
        for (var kill = 1; kill <= 2; kill++)
        {
            await Task.Delay(Duration / 3, TestContext.Current.CancellationToken); // the load goes on
            await Task.WhenAll(_platform.KillServiceAsync(AppIds.Billing), _platform.KillBrokerAsync());
            await _platform.UntilHealthyAsync(AppIds.Billing);
        }
        await Task.WhenAll(toggling);
        await Parallel.ForEachAsync(_phones, async (phone, _) => await UntilGoneAsync(phone));

        await using var admin = await _platform.AdminAsync();
        await PlatformAtRest.UntilAsync(_platform, admin, [], 240);
        var books = await BilledRules.UntilHoldAsync(_platform);
        var phones = _phones.Select(p => p.Id).ToHashSet();
        var bills = books.Bills.Where(b => phones.Contains(b.DeviceId)).ToList();
        var charges = books.Charges.Where(c => phones.Contains(c.DeviceId)).ToList();
        output.WriteLine($"{phones.Count} phones, {_accepted} commands, {bills.Count} runs of "
            + $"{bills.Sum(b => b.Seconds)} s, {charges.Count} charges of {charges.Sum(c => c.Amount)}");
        Assert.Equal(phones, bills.Select(b => b.DeviceId).ToHashSet());
        Assert.All(bills, b => Assert.Equal("Closed", b.Status));
        Assert.True(bills.Count > 2 * phones.Count, "hardly anything was switched");
        Assert.True(charges.Count > bills.Count, "hardly anything was charged while it ran");
        var crashes = books.Moves.Count(m => phones.Contains(m.DeviceId) && m.To == "Error");
        output.WriteLine($"{crashes} crashes");
        Assert.True(crashes > Users, "hardly anything crashed");
        Assert.Equal(charges.Sum(c => c.Amount), -_users.Sum(u => books.Accounts[u.Id].Balance));
        foreach (var user in _users)
            await user.DisposeAsync();
    }

    async Task CreateAsync()
    {
        await FaultScene.UntilPhonesAreMadeAsync(_platform);
        for (var i = 0; i < Users; i++)
            _users.Add(await _platform.NewUserAsync());
        await Parallel.ForEachAsync(_users, new ParallelOptions { MaxDegreeOfParallelism = Togglers },
            async (user, _) =>
            {
                for (var i = 0; i < FaultScene.PhonesEach; i++)
                {
                    var id = await user.CreateRunningAsync($"phone {i}");
                    lock (_phones)
                        _phones.Add(new(user, id));
                }
            });
    }

    /// <summary>What the phone's state allows is done, and the rest refused: both are life. A slow machine takes
    /// longer.</summary>
    async Task ToggleAsync(CancellationToken end)
    {
        while (!end.IsCancellationRequested || _accepted < 4 * _phones.Count)
        {
            var phone = _phones[Random.Shared.Next(_phones.Count)];
            await (Random.Shared.Next(6) switch
            {
                0 => CrashAsync(),
                1 => CommandAsync(phone, "restart"),
                2 or 3 => CommandAsync(phone, "start"),
                _ => CommandAsync(phone, "stop"),
            });
            await Task.Delay(TimeSpan.FromMilliseconds(Random.Shared.Next(50, 500)), CancellationToken.None);
        }
    }

    Task CrashAsync()
    {
        if (_platform.Phones() is { Count: > 0 } running)
            Processes.Send(running[Random.Shared.Next(running.Count)], Processes.Kill);
        return Task.CompletedTask;
    }

    async Task CommandAsync(Phone phone, string command)
    {
        using var answer = await phone.User.Http.PostAsync(
            $"/api/devices/{phone.Id}/{command}", null, CancellationToken.None);
        if (answer.StatusCode == HttpStatusCode.Accepted)
            Interlocked.Increment(ref _accepted);
    }

    static async Task UntilGoneAsync(Phone phone) => await Wait.UntilAsync($"{phone.Id} to be gone", async () =>
    {
        using var answer = await phone.User.Http.DeleteAsync($"/api/devices/{phone.Id}");
        return answer.StatusCode == HttpStatusCode.NotFound;
    }, 120, every: 0.5);
}
