using System.Text.Json;
using CloudPhone.Sidecar.Tests.Testing;

namespace CloudPhone.Sidecar.Tests.PubSub;

public sealed class DeliveryTests
{
    const string Twice = """
          policies:
            timeouts: {short: 300ms}
            retries:
              event: {policy: constant, duration: 50ms, maxRetries: 2, matching: {httpStatusCodes: "400-599"}}
          targets:
            components:
              pubsub:
                inbound: {retry: event, timeout: short}
        """;

    [Fact]
    public async Task An_event_goes_to_the_path_of_its_rule_with_the_runtimes_headers()
    {
        await using var bus = await Bus.StartAsync(Bus.Subscription("device.created,device.stopped,user.#"));
        await bus.SendAsync("device.created", """{"deviceId":"d1"}""", "e1");
        await bus.SendAsync("device.stopped");
        await bus.SendAsync("user.a.b");
        await bus.SendAsync("app.installed");

        var first = (await bus.App.WaitAsync(Bus.Created))[0];
        Assert.Equal(("POST", "", "application/cloudevents+json", "pubsub"),
            (first.Method, first.Query, first.Headers["content-type"], first.Headers["pubsubname"]));
        Assert.DoesNotContain(first.Headers.Keys, k => k is "traceparent" or "routingkey" or "transfer-encoding");
        Assert.Equal("""{"deviceId":"d1"}""", JsonElement.Parse(first.Body).GetProperty("data").GetRawText());
        await bus.App.WaitAsync("/events/device.stopped");
        Assert.Equal("user.a.b", (await bus.EventsAsync(Bus.Other))[0].GetProperty("type").GetString());
        Assert.Single(bus.App.Requests("/dapr/subscribe"));
        Assert.Equal(Bus.AppId, bus.App.Requests("/dapr/subscribe")[0].Headers["dapr-app-id"]);
    }

    [Theory]
    [InlineData(200, "", false)]
    [InlineData(204, "", false)]
    [InlineData(201, "", false)]
    [InlineData(200, "fine", false)]
    [InlineData(200, "{}", false)]
    [InlineData(200, """{"status":"SUCCESS"}""", false)]
    [InlineData(200, """{"status":null}""", false)]
    [InlineData(200, """{"status":1}""", false)]
    [InlineData(200, "[1]", false)]
    [InlineData(200, """{"status":"DROP"}""", true)]
    [InlineData(200, """{"status":"RETRY"}""", true)]
    [InlineData(200, """{"status":"online"}""", true)]
    [InlineData(200, """{"status":"success"}""", true)]
    [InlineData(404, "", true)]
    [InlineData(400, "", true)]
    [InlineData(401, "", true)]
    [InlineData(302, "", true)]
    [InlineData(500, "", true)]
    [InlineData(503, "", true)]
    public async Task Without_a_policy_an_answer_decides_at_once(int status, string body, bool isDead)
    {
        await using var bus = await Bus.StartAsync(component: ("concurrencyMode", "single"));
        bus.App.On(Bus.Created, new Reply(status, body));
        await bus.SendAsync(id: "one");
        await bus.App.WaitAsync(Bus.Created);
        await bus.PublishAsync("{}", "?metadata.routingKey=device.created");
        await bus.App.WaitAsync(Bus.Other);

        Assert.Single(bus.App.Requests(Bus.Created));
        if (isDead)
            Assert.Equal(bus.App.Requests(Bus.Created)[0].Body, (await bus.App.WaitAsync(Bus.Dead))[0].Body);
        else
            Assert.Empty(bus.App.Requests(Bus.Dead));
    }

    [Theory]
    [InlineData(3, true, 500)]
    [InlineData(2, false, 500, 200)]
    [InlineData(1, true, 404)]
    [InlineData(3, true, 400)]
    [InlineData(1, true, 302)]
    public async Task Retries_happen_inside_one_delivery(int tries, bool isDead, params int[] answers)
    {
        await using var bus = await Bus.StartAsync(resiliency: Twice);
        bus.App.On(Bus.Created, [.. answers.Select(a => (Reply)a)]);
        await bus.SendAsync();
        var requests = await bus.App.WaitAsync(Bus.Created, tries);
        await bus.App.WaitAsync(Bus.Dead, isDead ? 1 : 0);

        Assert.Equal(tries, bus.App.Requests(Bus.Created).Count);
        Assert.Single(requests.Select(r => r.Body).Distinct());
    }

    [Theory]
    [InlineData("RETRY", 3)]
    [InlineData("DROP", 1)]
    public async Task An_app_can_ask_for_a_retry_or_none(string status, int tries)
    {
        await using var bus = await Bus.StartAsync(resiliency: Twice);
        bus.App.On(Bus.Created, $$"""{"status":"{{status}}"}""");
        await bus.SendAsync();
        await bus.App.WaitAsync(Bus.Dead);

        Assert.Equal(tries, bus.App.Requests(Bus.Created).Count);
    }

    [Fact]
    public async Task A_time_out_abandons_the_request_and_counts_as_a_failure()
    {
        await using var bus = await Bus.StartAsync(resiliency: Twice);
        bus.App.On(Bus.Created, new Reply(200, Delay: TimeSpan.FromSeconds(2)));
        await bus.SendAsync();
        await bus.App.WaitAsync(Bus.Dead);

        Assert.Equal(3, bus.App.Requests(Bus.Created).Count);
    }

    [Theory]
    [InlineData("event.data.nothing.here == \"x\"")]
    [InlineData("event.type")]
    public async Task A_rule_that_fails_on_an_event_sends_it_to_the_dead_letters(string rule)
    {
        await using var bus = await Bus.StartAsync(Bus.Subscription("#", [(rule, "events/a")]));
        await bus.SendAsync();

        await bus.App.WaitAsync(Bus.Dead);
        Assert.Empty(bus.App.Requests("/events/a").Concat(bus.App.Requests(Bus.Other)));
    }

    [Fact]
    public async Task An_event_that_no_rule_takes_goes_to_the_dead_letters()
    {
        await using var bus = await Bus.StartAsync(Bus.Subscription("#", fallback: ""));
        await bus.SendAsync("device.error");

        Assert.Equal("device.error", (await bus.EventsAsync(Bus.Dead))[0].GetProperty("type").GetString());
    }

    [Theory]
    [InlineData("hello")]
    [InlineData("[1]")]
    [InlineData("""{"a":1}""")]
    public async Task What_is_no_event_goes_to_the_dead_letters_as_it_is(string body)
    {
        await using var bus = await Bus.StartAsync();
        await bus.PublishAsync(body, "?metadata.rawPayload=true&metadata.routingKey=device.created");

        // the reader of the dead letters gets no event either, so it is not called; its own refusal is the end
        await using var raw = await Bus.StartAsync(Bus.Subscription("#", [], more: "\"x\": 1,")
            .Replace("\"metadata\": {", "\"metadata\": {\"rawPayload\": \"true\", ", StringComparison.Ordinal));
        await raw.PublishAsync(body, "?metadata.rawPayload=true&metadata.routingKey=device.created");
        var e = (await raw.EventsAsync(Bus.Other))[0];
        Assert.Equal(body, System.Text.Encoding.UTF8.GetString(e.GetProperty("data_base64").GetBytesFromBase64()));
        Assert.Equal("application/octet-stream", e.GetProperty("datacontenttype").GetString());
        Assert.Empty(bus.App.Requests(Bus.Created));
    }

    [Fact]
    public async Task A_hand_made_event_arrives_byte_by_byte_and_an_expired_one_not_at_all()
    {
        await using var bus = await Bus.StartAsync(component: ("concurrencyMode", "single"));
        const string late = """
            {"specversion":"1.0","id":"late","type":"device.created","source":"s","expiration":"2020-01-01T00:00:00Z"}
            """;
        const string made = """
            { "specversion":"1.0",  "id":"x1", "type":"device.created", "source":"elsewhere", "data":{"a":1}}
            """;
        await bus.PublishAsync(late, "?metadata.rawPayload=true&metadata.routingKey=device.created");
        await bus.PublishAsync(made, "?metadata.rawPayload=true&metadata.routingKey=device.created");

        Assert.Equal(made, (await bus.App.WaitAsync(Bus.Created))[0].Body);
        Assert.Single(bus.App.Requests(Bus.Created));
    }

    [Theory]
    [InlineData(true, "cloudphone.events", true)]
    [InlineData(true, "cloudphone.events,cloudphone.notifications.dlx", false)]
    public async Task A_dead_letter_that_may_not_be_published_stays_where_the_component_requeues(
        bool requeue, string scope, bool stays)
    {
        await using var bus = await Bus.StartAsync(
            component:
            [
                ("requeueInFailure", requeue ? "true" : "false"), ("publishingScopes", $"{Bus.AppId}={scope}"),
            ]);
        bus.App.On(Bus.Created, 500);
        await bus.SendAsync();

        if (stays)
            await bus.App.WaitAsync(Bus.Created, 3);
        else
            await bus.App.WaitAsync(Bus.Dead);
        Assert.Equal(stays, bus.App.Requests(Bus.Dead).Count == 0);
    }

    [Fact]
    public async Task An_event_without_dead_letter_topic_comes_again_where_the_component_requeues()
    {
        await using var bus = await Bus.StartAsync(
            Bus.Subscription(deadLetters: null), component: ("requeueInFailure", "true"));
        bus.App.On(Bus.Created, 500, 500, 200);
        await bus.SendAsync();

        var requests = await bus.App.WaitAsync(Bus.Created, 3);
        Assert.Single(requests.Select(r => r.Body).Distinct());
    }
}
