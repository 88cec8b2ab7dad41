using System.Text.Json;
using CloudPhone.Contracts;

namespace CloudPhone.Shared.Tests;

public sealed class EventJsonTests
{
    [Fact]
    public void An_event_whose_nulls_were_left_out_can_be_read_again()
    {
        var e = new DeviceDeleted(Guid.NewGuid(), Guid.NewGuid(), "p", 1, 2, DateTimeOffset.UtcNow, 3);
        var json = JsonSerializer.Serialize(e, EventJson.Options);
        Assert.DoesNotContain("nodeId", json, StringComparison.Ordinal);
        Assert.Equal(e, JsonSerializer.Deserialize<DeviceDeleted>(json, EventJson.Options));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"dueAt":"2026-11-22T12:00:00Z","actionId":"019a0000-0000-7000-8000-000000000001"}""")]
    public void An_event_that_lacks_what_it_needs_is_refused(string json) =>
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<SchedulerActionDue>(json, EventJson.Options));
}
