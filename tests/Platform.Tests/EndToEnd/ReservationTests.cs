using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using CloudPhone.Platform.Tests.Running;
using CloudPhone.Testing;

namespace CloudPhone.Platform.Tests.EndToEnd;

[Collection(nameof(SharedPlatform))]
public sealed class ReservationTests(PlatformFixture fixture)
{
    const string Nodes = "/api/scheduler/nodes";

    [Fact]
    public async Task Who_waits_while_all_is_full_is_told_when_there_is_room_and_makes_a_phone_with_it()
    {
        await using var admin = await fixture.Platform.AdminAsync();
        await using var first = await fixture.Platform.NewUserAsync();
        await using var second = await fixture.Platform.NewUserAsync();
        var device = await first.CreateRunningAsync("in the way");
        var nodes = await admin.ListAsync(Nodes);
        try
        {
            foreach (var node in nodes) // as many as there are: all is full
                await SetAsync(admin, node, Math.Max(1, node.GetProperty("used").GetProperty("devices").GetInt32()));
            Assert.Equal("no-capacity", (await CreateAsync(second, null, HttpStatusCode.ServiceUnavailable))
                .GetProperty("type").GetString());
            using var answer = await second.Http.PostAsJsonAsync(
                "/api/scheduler/reservations", new { template = "small", minutes = 10 });
            var reserved = await answer.Content.ReadFromJsonAsync<JsonElement>();
            Assert.Equal(("waiting", 1), (reserved.GetProperty("state").GetString(),
                reserved.GetProperty("position").GetInt32()));
            var id = reserved.GetProperty("id").GetGuid();
            (await first.Http.DeleteAsync($"/api/devices/{device}")).EnsureSuccessStatusCode();
            await Wait.UntilAsync("the message that there is room", async () =>
                (await second.ListAsync("/api/notifications")).Any(n =>
                    n.GetProperty("type").GetString() == "scheduler.reservation_started"
                    && n.GetProperty("data").GetProperty("reservationId").GetGuid() == id), 60);
            Assert.Equal("no-reservation", (await CreateAsync(first, id, HttpStatusCode.NotFound))
                .GetProperty("type").GetString());
            var made = (await CreateAsync(second, id, HttpStatusCode.Created)).GetProperty("device")
                .GetProperty("id").GetGuid();
            var used = await second.GetAsync($"/api/scheduler/reservations/{id}");
            Assert.Equal(("used", made), (used.GetProperty("state").GetString(),
                used.GetProperty("deviceId").GetGuid()));
            (await second.Http.DeleteAsync($"/api/devices/{made}")).EnsureSuccessStatusCode();
        }
        finally
        {
            foreach (var node in nodes)
                await SetAsync(admin, node, node.GetProperty("capacity").GetProperty("devices").GetInt32());
            foreach (var user in new[] { first, second }) // where the test broke off, others find nothing of it
            {
                foreach (var reservation in await user.ListAsync("/api/scheduler/reservations"))
                    (await user.Http.DeleteAsync(
                        $"/api/scheduler/reservations/{reservation.GetProperty("id").GetGuid()}")).Dispose();
                foreach (var phone in await user.ListAsync("/api/devices"))
                    (await user.Http.DeleteAsync($"/api/devices/{phone.GetProperty("id").GetGuid()}")).Dispose();
            }
        }
    }

    static async Task<JsonElement> CreateAsync(PlatformUser user, Guid? reservationId, HttpStatusCode expected)
    {
        using var answer = await user.Http.PostAsJsonAsync(
            "/api/devices", new { name = "at last", template = "small", reservationId });
        Assert.Equal(expected, answer.StatusCode);
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }

    static async Task SetAsync(PlatformUser admin, JsonElement node, int maxDevices)
    {
        using var answer = await admin.Http.PatchAsJsonAsync(
            $"{Nodes}/{node.GetProperty("id").GetGuid()}", new { maxDevices });
        answer.EnsureSuccessStatusCode();
    }
}
