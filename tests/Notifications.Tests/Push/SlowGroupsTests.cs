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
            if (groups.TryStart("slow", () => stuck.Task))
                started++;
        Assert.InRange(started, 10, 100);
        Assert.True(groups.TryStart("quick", () => Task.CompletedTask));
        stuck.SetResult();
        await Wait.UntilAsync("the group to be free again", () => groups.TryStart("slow", () => Task.CompletedTask));
    }
}
