using CloudPhone.Notifications.Push;
using CloudPhone.Testing;

namespace CloudPhone.Notifications.Tests.Push;

public sealed class SlowGroupsTests
{
    [Fact]
    public async Task A_client_that_reads_nothing_holds_up_nobody_and_fills_no_memory()
    {
        var groups = new SlowGroups();
        var stuck = new TaskCompletionSource();
        var started = 0;
        for (var i = 0; i < 1000; i++)
            if (groups.TryStart("slow", () => stuck.Task, Fail))
                started++;
        Assert.InRange(started, 10, 100);
        Assert.True(groups.TryStart("quick", () => Task.CompletedTask, Fail));
        stuck.SetResult();
        await Wait.UntilAsync("the group to be free again",
            () => groups.TryStart("slow", () => Task.CompletedTask, Fail));
    }

    [Fact]
    public void What_a_send_came_to_is_told()
    {
        Exception? told = null;
        Assert.True(new SlowGroups().TryStart("g", () => throw new InvalidOperationException("away"), e => told = e));
        Assert.Equal("away", told?.Message);
    }

    static void Fail(Exception e) => Assert.Fail(e.Message);
}
