using CloudPhone.Users.Sessions;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace CloudPhone.Users.Tests.Sessions;

/// <summary>Attempts that were right after all, in the order in which they may end on several replicas.</summary>
public sealed class AttemptCounterTests(UserService service) : IClassFixture<UserService>
{
    static readonly Pace Pace = Pace.Minutes(4);
    readonly string _key = AttemptCounter.Key($"{Guid.NewGuid()}");

    async Task<LoginAttempts> AfterAsync(int begun, params int[] takenBack)
    {
        await using var scope = service.Services.CreateAsyncScope();
        var attempts = scope.ServiceProvider.GetRequiredService<AttemptCounter>();
        for (var i = 1; i <= begun; i++)
            Assert.Equal((i, null), await attempts.TryBeginAsync(_key, Pace, default, isExempt: true));
        foreach (var attempt in takenBack)
            await attempts.TakeBackAsync(_key, Pace, attempt, default);
        return await scope.ServiceProvider.GetRequiredService<UsersDb>().LoginAttempts.AsNoTracking()
            .SingleAsync(a => a.Target == _key);
    }

    [Fact]
    public async Task Each_takes_its_own_back_also_where_others_came_meanwhile()
    {
        var row = await AfterAsync(begun: 3, takenBack: [2, 3, 1]);
        Assert.Equal((0, null), (row.Count, row.LockedUntil));
    }

    [Fact]
    public async Task A_lock_ends_where_so_many_are_free()
    {
        var row = await AfterAsync(begun: 5, takenBack: [2]);
        Assert.Equal((4, null), (row.Count, row.LockedUntil));
    }

    [Fact]
    public async Task What_another_has_locked_stays_locked()
    {
        var row = await AfterAsync(begun: 7, takenBack: [5]);
        Assert.Equal(6, row.Count);
        Assert.NotNull(row.LockedUntil);
    }

    [Fact]
    public async Task What_was_forgotten_meanwhile_is_not_taken_back_again()
    {
        var row = await AfterAsync(begun: 1, takenBack: [1, 2]);
        Assert.Equal(0, row.Count);
    }
}
