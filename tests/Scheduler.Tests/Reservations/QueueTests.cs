using System.Net.Http.Json;
using CloudPhone.Contracts;
using CloudPhone.Testing;

namespace CloudPhone.Scheduler.Tests.Reservations;

public sealed class QueueTests() : ReservationScene(("NODE_DOWN_SECONDS", "60"), ("RESERVATION_QUEUE_DEPTH", "2"))
{
    static List<Guid> Users(int count) => [.. Enumerable.Range(0, count).Select(_ => Guid.CreateVersion7())];

    async Task<string> PlainAsync(int cpuCores = 1) =>
        (await Devices.PlaceAsync(Guid.CreateVersion7(), cpuCores).JsonAsync()).Text("outcome");

    async Task<List<Guid>> ReadyAsync() => [.. (await Service.PublishedAsync<SchedulerReservationStarted>())
        .Select(r => r.ReservationId)];

    [Fact]
    public async Task Many_at_once_get_what_there_is_and_no_more()
    {
        var users = Users(20);
        foreach (var user in users)
            As(user); // the dictionary of clients is not for many at once
        var answers = await Task.WhenAll(users.Select(u => ReserveAsync(u))
            .Concat(Enumerable.Range(0, 10).Select(_ => Devices.PlaceAsync(Guid.CreateVersion7()).JsonAsync())));
        var ready = answers.Take(20).Count(a => a.Text("state") == "ready");
        var placed = answers.Skip(20).Count(a => a.Text("outcome") == "placed");
        Assert.Equal(8, ready + placed);
        Assert.Equal(Enumerable.Range(1, 20 - ready), (await Operator.GetAsync($"{Path}?limit=100").JsonAsync()).Items()
            .Where(r => r.Text("state") == "waiting").Select(r => r.Number("position")).Order());
        await TheBooksAreRightAsync();
        // phones made, given up and released at once
        await Task.WhenAll(answers.Take(20).Zip(users).Select((x, i) => x.First.Text("state") != "ready"
            ? As(x.Second).DeleteAsync($"{Path}/{x.First.Id()}").JsonAsync(204)
            : MakeAndGiveUpAsync(x.Second, x.First.Id())));
        await TheBooksAreRightAsync();
    }

    async Task<System.Text.Json.JsonElement> MakeAndGiveUpAsync(Guid user, Guid reservation)
    {
        var device = Guid.CreateVersion7();
        await PlaceAsync(user, reservation, device);
        return await Devices.ReleaseAsync(device).JsonAsync();
    }

    [Fact]
    public async Task Users_take_turns_in_the_order_in_which_they_came()
    {
        var devices = new List<Guid>();
        for (var i = 0; i < 8; i++)
            devices.Add(await FillAsync(1));
        var (ann, bob, eve) = (Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7());
        var order = new List<(Guid User, Guid Id)>();
        foreach (var user in new[] { ann, ann, ann, bob, bob, eve })
            order.Add((user, (await ReserveAsync(user)).Id()));
        List<Guid> expected =
            [order[0].Id, order[3].Id, order[5].Id, order[1].Id, order[4].Id, order[2].Id];
        Assert.Equal(expected, (await Operator.GetAsync(Path).JsonAsync()).Items()
            .OrderBy(r => r.Number("position")).Select(r => r.Id()));
        for (var i = 0; i < expected.Count; i++)
        {
            await Devices.ReleaseAsync(devices[i]).JsonAsync();
            await UntilAsync("the next to get it", async () => (await ReadyAsync()).Count == i + 1);
        }
        Assert.Equal(expected, await ReadyAsync());
    }

    [Fact]
    public async Task Who_comes_later_without_a_reservation_takes_nothing_from_those_who_wait()
    {
        var device = await FillAsync();
        var user = Guid.CreateVersion7();
        var waiting = await ReserveAsync(user, 4);
        await Devices.ReleaseAsync(device).JsonAsync();
        // at once: whether or not the room was handed over already, it is the reservation's
        Assert.Equal(["placed", "placed", "placed", "placed", "no-capacity"],
            [await PlainAsync(), await PlainAsync(), await PlainAsync(), await PlainAsync(), await PlainAsync()]);
        Assert.Equal("ready", await StateAsync(user, waiting.Id()));
        await TheBooksAreRightAsync();
    }

    [Fact]
    public async Task A_big_one_gets_a_node_to_itself_in_time_and_blocks_no_other()
    {
        var onOne = new List<Guid>();
        for (var i = 0; i < 4; i++)
            onOne.Add(await FillAsync(2));
        await AddNodeAsync("two", 4);
        var (big, small, tiny) = (Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7());
        var whole = await ReserveAsync(big, 8);
        // the room of node one is saved for it, that of node two is not
        Assert.Equal("ready", (await ReserveAsync(small, 4)).Text("state"));
        var behind = await ReserveAsync(tiny);
        for (var i = 0; i < 4; i++)
        {
            Assert.Equal(("waiting", "no-capacity"), (await StateAsync(tiny, behind.Id()), await PlainAsync()));
            await Devices.ReleaseAsync(onOne[i]).JsonAsync();
        }
        await UntilAsync("ready", big, whole.Id());
        Assert.Equal(8, await UsedAsync());
        Assert.Equal("waiting", await StateAsync(tiny, behind.Id()));
        await As(big).DeleteAsync($"{Path}/{whole.Id()}").JsonAsync(204);
        await UntilAsync("ready", tiny, behind.Id());
        await TheBooksAreRightAsync();
    }

    [Fact]
    public async Task Behind_however_many_large_ones_a_small_one_is_found()
    {
        await AddNodeAsync("two", 4);
        await FillAsync(1);
        await FillAsync(1); // one on each
        foreach (var user in Users(5))
            Assert.Equal("waiting", (await ReserveAsync(user, 8)).Text("state"));
        Assert.Equal("ready", (await ReserveAsync(Guid.CreateVersion7(), 2)).Text("state"));
    }

    [Fact]
    public async Task The_only_node_is_not_saved_for_ever()
    {
        var device = await FillAsync(1);
        await Service.DeliverAsync(new DeviceCreated(device, Guid.CreateVersion7(), "phone", "phone", 1, 1,
            (await NodeAsync()).Id(), Clock.GetUtcNow(), 2)).JsonAsync();
        var whole = await ReserveAsync(Guid.CreateVersion7(), 8, minutes: 600);
        Assert.Equal(("waiting", "no-capacity"), (whole.Text("state"), await PlainAsync()));
        Clock.Advance(TimeSpan.FromMinutes(61));
        var user = Guid.CreateVersion7();
        Assert.Equal(("placed", "ready"), (await PlainAsync(), (await ReserveAsync(user)).Text("state")));
        // with another one beside it, it is saved again
        await AddNodeAsync("two", 4);
        foreach (var _ in Enumerable.Range(0, 4))
            Assert.Equal("two", (await Devices.PlaceAsync(Guid.CreateVersion7(), 1).JsonAsync()).Text("nodeName"));
        Assert.Equal("no-capacity", await PlainAsync());
        await TheBooksAreRightAsync();
    }

    [Fact]
    public async Task Several_large_ones_in_a_row_save_the_only_node_no_longer_than_one()
    {
        var device = await FillAsync(1);
        await Service.DeliverAsync(new DeviceCreated(device, Guid.CreateVersion7(), "phone", "phone", 1, 1,
            (await NodeAsync()).Id(), Clock.GetUtcNow(), 2)).JsonAsync();
        var users = Users(4);
        var waiting = new List<Guid>();
        foreach (var user in users)
            waiting.Add((await ReserveAsync(user, 8, minutes: 600)).Id());
        for (var i = 0; i < 2; i++) // the next one's turn begins half an hour after that of the one before
        {
            Assert.Equal("no-capacity", await PlainAsync());
            Clock.Advance(TimeSpan.FromMinutes(30));
            await As(users[i]).DeleteAsync($"{Path}/{waiting[i]}").JsonAsync(204);
        }
        Assert.Equal("placed", await PlainAsync());
        Clock.Advance(TimeSpan.FromMinutes(50));
        Assert.Equal("placed", await PlainAsync()); // and it is for all as long as it was saved
        Clock.Advance(TimeSpan.FromMinutes(11));
        Assert.Equal("no-capacity", await PlainAsync());
    }

    [Fact]
    public async Task One_that_no_node_can_hold_now_saves_nothing()
    {
        var two = await AddNodeAsync("two", 16);
        await Operator.PostAsync($"/api/scheduler/nodes/{two}/drain", null).JsonAsync();
        var (big, small) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        var waiting = await ReserveAsync(big, 12);
        Assert.Equal(("waiting", "ready", "placed"),
            (waiting.Text("state"), (await ReserveAsync(small)).Text("state"), await PlainAsync()));
        await Operator.PostAsync($"/api/scheduler/nodes/{two}/undrain", null).JsonAsync();
        await UntilAsync("ready", big, waiting.Id());
    }

    public static TheoryData<string> Ways => ["release", "deleted", "new node", "capacity", "undrain", "node up",
        "placement ran out"];

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Whatever_frees_room_hands_it_over(string way)
    {
        var device = await FillAsync();
        Guid two = default;
        if (way is "undrain")
            await Operator.PostAsync(
                $"/api/scheduler/nodes/{two = await AddNodeAsync("two", 8)}/drain", null).JsonAsync();
        if (way is "node up")
        {
            await Devices.PostAsJsonAsync("/internal/nodes/register",
                new { name = "two", cpuCores = 8, memoryGB = 80, maxDevices = 20 }).JsonAsync();
            await Wait.UntilAsync("it to be down", async () =>
            {
                Clock.Advance(TimeSpan.FromSeconds(20));
                return (await NodeAsync("two")).Text("state") == "down";
            });
        }
        var user = Guid.CreateVersion7();
        var waiting = await ReserveAsync(user, 8);
        Assert.Equal("waiting", waiting.Text("state"));
        await (way switch
        {
            "release" => Devices.ReleaseAsync(device).JsonAsync(),
            "deleted" => Service.DeliverAsync(
                new DeviceDeleted(device, Guid.CreateVersion7(), "phone", 8, 1, Clock.GetUtcNow(), 9)).JsonAsync(),
            "new node" => AddNodeAsync("two", 8),
            "capacity" => Operator.PatchAsJsonAsync(
                $"/api/scheduler/nodes/{(await NodeAsync()).Id()}", new { cpuCores = 16 }).JsonAsync(),
            "undrain" => Operator.PostAsync($"/api/scheduler/nodes/{two}/undrain", null).JsonAsync(),
            "node up" => (Task)Devices.PostAsJsonAsync(
                "/internal/nodes/heartbeat", new { names = new[] { "two" } }).JsonAsync(),
            _ => Task.Run(() => Clock.Advance(TimeSpan.FromMinutes(16))),
        });
        await UntilAsync("ready", user, waiting.Id());
        await TheBooksAreRightAsync();
    }

    [Fact]
    public async Task Who_loses_room_waits_as_long_as_was_asked_for_and_no_longer()
    {
        var user = Guid.CreateVersion7();
        var made = await ReserveAsync(user, 8, minutes: 10);
        Clock.Advance(TimeSpan.FromMinutes(5));
        await DrainAsync();
        await UntilAsync("waiting", user, made.Id());
        Assert.Equal(made.GetProperty("endsAt").GetDateTimeOffset(),
            (await As(user).GetAsync($"{Path}/{made.Id()}").JsonAsync()).GetProperty("endsAt").GetDateTimeOffset());
        Clock.Advance(TimeSpan.FromMinutes(5));
        await UntilAsync("expired", user, made.Id());
        Assert.Equal("no-room", Assert.Single(await Service.PublishedAsync<SchedulerReservationExpired>()).Reason);
        await TheBooksAreRightAsync();
    }

    [Fact]
    public async Task Who_loses_room_after_that_time_is_told_so()
    {
        var user = Guid.CreateVersion7();
        var made = await ReserveAsync(user, 8, minutes: 10);
        Clock.Advance(TimeSpan.FromMinutes(12)); // it is held for 15
        Assert.Equal("ready", await StateAsync(user, made.Id()));
        await DrainAsync();
        await UntilAsync("expired", user, made.Id());
        var over = await As(user).GetAsync($"{Path}/{made.Id()}").JsonAsync();
        Assert.Equal("room-lost", over.Text("endReason"));
        Assert.NotEqual(System.Text.Json.JsonValueKind.Null, over.GetProperty("roomLostAt").ValueKind);
        var told = Assert.Single(await Service.PublishedAsync<SchedulerReservationExpired>());
        Assert.Equal((made.Id(), "room-lost"), (told.ReservationId, told.Reason));
        await TheBooksAreRightAsync();
    }

    async Task DrainAsync() => await Operator.PostAsync(
        $"/api/scheduler/nodes/{(await NodeAsync()).Id()}/drain", null).JsonAsync();

    [Fact]
    public async Task Room_on_a_node_that_takes_no_phones_any_more_is_sought_elsewhere()
    {
        var user = Guid.CreateVersion7();
        var made = await ReserveAsync(user, 8);
        await Operator.PostAsync($"/api/scheduler/nodes/{(await NodeAsync()).Id()}/drain", null).JsonAsync();
        Assert.NotEqual("placed", (await PlaceAsync(user, made.Id(), Guid.CreateVersion7(), 8)).Text("outcome"));
        await UntilAsync("waiting", user, made.Id());
        var lost = await As(user).GetAsync($"{Path}/{made.Id()}").JsonAsync();
        Assert.Equal(Clock.GetUtcNow(), lost.GetProperty("roomLostAt").GetDateTimeOffset(), TimeSpan.FromMinutes(1));
        await AddNodeAsync("two", 8);
        await UntilAsync("ready", user, made.Id());
        Assert.Equal((0, 8), (await UsedAsync(), await UsedAsync("two")));
        Assert.Equal("two", (await PlaceAsync(user, made.Id(), Guid.CreateVersion7(), 8)).Text("nodeName"));
        await TheBooksAreRightAsync();
    }
}
