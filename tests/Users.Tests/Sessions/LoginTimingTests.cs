using System.Diagnostics;
using System.Net.Http.Json;
using CloudPhone.Users.Sessions;

namespace CloudPhone.Users.Tests.Sessions;

/// <summary>
/// How long a refusal takes does not tell whether there is such an account. Without a hash for unknown names, one kind
/// would be a hundred times as fast as the other. A factor of two is far from that, and as far from what a busy machine
/// does to medians: it slows both kinds down, as they take turns.
/// </summary>
public sealed class LoginTimingTests(UserService service) : IClassFixture<UserService>
{
    const int Times = 15;
    const double Factor = 2;

    [Fact]
    public async Task An_unknown_name_is_refused_as_slowly_as_a_wrong_password()
    {
        await MeasureAsync("nobody-at-first"); // which compiles the code
        var (unknown, wrong) = (new List<double>(), new List<double>());
        for (var i = 0; i < Times; i++)
        {
            var user = await service.AddUserAsync(); // each only once: back-off is for who fails again
            unknown.Add(await MeasureAsync($"nobody-{i}"));
            wrong.Add(await MeasureAsync(user.Username));
        }
        var (a, b) = (Median(unknown), Median(wrong));
        Assert.True(a < b * Factor && b < a * Factor, $"unknown names take {a:0} ms, wrong passwords {b:0} ms");
    }

    /// <summary>What the database is asked and told tells nothing either: each kind commits as often.</summary>
    [Fact]
    public async Task An_unknown_name_costs_as_many_commits_and_questions_as_a_wrong_password()
    {
        await MeasureAsync("nobody-at-all");
        var user = await service.AddUserAsync();
        await CountAsync("warm-up");
        var unknown = await CountAsync("nobody-to-be-found");
        Assert.Equal(unknown, await CountAsync(user.Username));
        Assert.True(unknown > 5);
    }

    async Task<int> CountAsync(string name)
    {
        using var client = service.Anonymous();
        var request = Guid.NewGuid().ToString("N");
        client.DefaultRequestHeaders.Add("X-Request-ID", request);
        (await client.PostAsJsonAsync("/api/auth/login", new LoginRequest(name, "not the password"))).Dispose();
        return CommandCount.Of(request);
    }

    async Task<double> MeasureAsync(string name)
    {
        using var client = service.Anonymous();
        (await client.GetAsync("/health/live")).Dispose(); // which opens the connection
        var watch = Stopwatch.StartNew();
        using var answer = await client.PostAsJsonAsync("/api/auth/login", new LoginRequest(name, "not the password"));
        var took = watch.Elapsed.TotalMilliseconds;
        await UserService.AssertProblemAsync(answer, 401, "invalid-credentials");
        return took;
    }

    static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
