using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using CloudPhone.Billing.Plans;
using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Http;
using CloudPhone.Testing;

namespace CloudPhone.Billing.Tests.Plans;

public sealed class PlanTests : IAsyncDisposable
{
    static readonly NewPlan Team = new("team", "Team", 499.5m, 700, 40, 128, 256);
    readonly TestService<BillingDb> _service = new();

    static async Task<List<PlanItem>> ListAsync(HttpClient client) =>
        [.. (await client.GetFromJsonAsync<Page<PlanItem>>("/api/billing/plans"))!.Items];

    [Fact]
    public async Task The_first_plans_are_there()
    {
        using var user = _service.As(Guid.CreateVersion7());
        var plans = await ListAsync(user);
        Assert.Equal(
            [("enterprise", 999m, 100), ("pro", 299m, 20), ("basic", 99m, 5), ("free", 0m, 1)],
            plans.Select(p => (p.Code, p.PricePerMonth, p.MaxDevices)));
        using var anonymous = _service.Anonymous();
        Assert.Equal(HttpStatusCode.Unauthorized, (await anonymous.GetAsync("/api/billing/plans")).StatusCode);
    }

    [Fact]
    public async Task An_admin_offers_changes_and_withdraws_a_plan()
    {
        using var admin = _service.As(Guid.CreateVersion7(), Roles.Admin);
        using var answer = await admin.PostAsJsonAsync("/api/billing/plans", Team);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        var plan = (await answer.Content.ReadFromJsonAsync<PlanItem>())!;
        Assert.Equal(("team", 499.5m, 700, "CNY"), (plan.Code, plan.PricePerMonth, plan.IncludedHours, plan.Currency));
        using var twice = await admin.PostAsJsonAsync("/api/billing/plans", Team);
        Assert.Equal(HttpStatusCode.Conflict, twice.StatusCode);

        using var change = await admin.PatchAsJsonAsync(
            $"/api/billing/plans/{plan.Id}", new { pricePerMonth = 450, isActive = false });
        Assert.Equal(plan with { PricePerMonth = 450, IsActive = false },
            await change.Content.ReadFromJsonAsync<PlanItem>());
        using var user = _service.As(Guid.CreateVersion7());
        Assert.DoesNotContain(await ListAsync(user), p => p.Code == "team");
        Assert.Contains(await ListAsync(admin), p => p.Code == "team");
        using var missing = await admin.PatchAsJsonAsync(
            $"/api/billing/plans/{Guid.CreateVersion7()}", new { pricePerMonth = 1 });
        Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
    }

    [Fact]
    public async Task Nobody_else_does()
    {
        using var admin = _service.As(Guid.CreateVersion7(), Roles.Admin);
        var before = await ListAsync(admin);
        foreach (var (client, status) in new[]
        {
            (_service.Anonymous(), HttpStatusCode.Unauthorized),
            (_service.As(Guid.CreateVersion7()), HttpStatusCode.Forbidden),
            (_service.As(Guid.CreateVersion7(), Roles.Operator), HttpStatusCode.Forbidden),
        })
        {
            Assert.Equal(status, (await client.PostAsJsonAsync("/api/billing/plans", Team)).StatusCode);
            Assert.Equal(status, (await client.PatchAsJsonAsync(
                $"/api/billing/plans/{before[0].Id}", new { pricePerMonth = 1 })).StatusCode);
        }
        Assert.Equal(before, await ListAsync(admin));
    }

    [Theory]
    [InlineData("code", "\"No Spaces\"")]
    [InlineData("code", "\"\"")]
    [InlineData("name", "\"a\\u0007b\"")]
    [InlineData("name", "\" \"")]
    [InlineData("pricePerMonth", "-1")]
    [InlineData("pricePerMonth", "1.001")]
    [InlineData("pricePerMonth", "1e12")]
    [InlineData("pricePerMonth", "\"NaN\"")]
    [InlineData("pricePerMonth", "1e400")]
    [InlineData("includedHours", "-1")]
    [InlineData("includedHours", "99999999999")]
    [InlineData("maxDevices", "1.5")]
    [InlineData("totalCpuCores", "null")]
    public async Task Bad_values_are_refused_and_nothing_is_changed(string field, string value)
    {
        using var admin = _service.As(Guid.CreateVersion7(), Roles.Admin);
        var before = await ListAsync(admin);
        var fields = JsonSerializer.SerializeToNode(Team, JsonSerializerOptions.Web)!.AsObject();
        fields[field] = System.Text.Json.Nodes.JsonNode.Parse(value);
        using var answer = await admin.PostAsync(
            "/api/billing/plans", new StringContent(fields.ToJsonString(), null, "application/json"));
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        if (field != "code" && value != "null")
            Assert.Equal(HttpStatusCode.BadRequest, (await admin.PatchAsync($"/api/billing/plans/{before[0].Id}",
                new StringContent($"{{\"{field}\":{value}}}", null, "application/json"))).StatusCode);
        Assert.Equal(before, await ListAsync(admin));
    }

    public ValueTask DisposeAsync() => _service.DisposeAsync();
}
