using System.Net;
using CloudPhone.Contracts;
using CloudPhone.Platform.Tests.EndToEnd;
using CloudPhone.Platform.Tests.Running;
using CloudPhone.Shared.Auth;
using CloudPhone.Testing;

namespace CloudPhone.Platform.Tests.BadInput;

/// <summary>
/// Every route that the services tell of, called by everybody whom it is not for, about things that are there: at its
/// service and through the gateway. Whoever is refused gets the right problem, and nothing is different afterwards.
/// </summary>
[Collection(nameof(SharedPlatform))]
public sealed class AccessMatrixTests(PlatformFixture fixture) : BadInputTest(fixture.Platform)
{
    [Fact]
    public async Task Every_route_has_its_place_in_the_matrix()
    {
        var told = await Operation.AllAsync(Platform);
        List<string?> missing =
        [
            .. told.Where(o => !Access.Of.ContainsKey(o.Name)).Select(o =>
                $"{o.Name} of {o.AppId}: add it to Access.Of (Access.cs) with the audience that it is for."),
            .. Access.Of.Keys.Except(told.Select(o => o.Name)).Select(name =>
                $"{name}: no service has it; take it out of Access.Of (Access.cs)."),
            .. told.SelectMany(o => Examples.Prefixes(o.Path)).Distinct().Where(p => !Examples.Of.ContainsKey(p))
                .Select(Examples.Missing),
        ];
        Refusal.AssertNone(missing);
    }

    [Fact]
    public async Task Who_may_not_is_refused_everywhere_and_changes_nothing()
    {
        await using var owner = await ExampleOwner.OnAsync(Platform);
        await using var stranger = await Platform.NewUserAsync();
        var all = await Operation.AllAsync(Platform);
        var calls = new List<(Operation Operation, string Path)>();
        foreach (var operation in all)
            calls.Add((operation, await owner.PathOfAsync(operation)));
        List<Caller> callers = [.. Callers(stranger), Caller.Nobody("a revoked token", await RevokedAsync(all))];
        await Facts.UnchangedAsync(Platform, async () =>
        {
            var wrong = new List<string?>();
            foreach (var (operation, path) in calls)
                foreach (var caller in callers)
                {
                    if (caller.AtService(operation) is { } atService)
                        wrong.Add(await WrongAsync(
                            Platform.AddressOf(operation.AppId), operation, path, caller, atService));
                    if (caller.AtGateway(operation) is { } atGateway)
                        wrong.Add(await WrongAsync(Platform.Gateway, operation, path, caller, atGateway));
                }
            Refusal.AssertNone(wrong);
        });
    }

    /// <summary>Else the stranger's 404 would say nothing.</summary>
    [Fact]
    public async Task What_strangers_do_not_find_its_owner_reads_and_lists_show_it_to_nobody_else()
    {
        await using var owner = await ExampleOwner.OnAsync(Platform);
        await using var stranger = await Platform.NewUserAsync();
        var reads = (await Operation.AllAsync(Platform))
            .Where(o => o.Method == HttpMethod.Get && o.Audience == Audience.Users
                && !Examples.OfRunningPhones.Contains(o.Path)).ToList();
        var wrong = new List<string?>();
        foreach (var read in reads)
        {
            using var answer = await owner.User.Http.GetAsync(
                await owner.PathOfAsync(read) + Examples.Queries.GetValueOrDefault(read.Path));
            wrong.Add(answer.IsSuccessStatusCode ? null
                : $"{read.Name}: its owner gets {(int)answer.StatusCode}; does its example still fit?");
        }
        foreach (var read in reads.Where(r => !r.IsOwned))
            foreach (var filter in read.Query.Where(q => q.Type == "uuid").Select(q => q.Name).Append("limit"))
                foreach (var secret in filter == "limit" ? ["100"] : owner.Secrets.Where(s => Guid.TryParse(s, out _)))
                {
                    using var answer = await stranger.Http.GetAsync(
                        $"{await owner.PathOfAsync(read)}?{filter}={secret}");
                    var text = await answer.Content.ReadAsStringAsync();
                    wrong.Add((int)answer.StatusCode is 200 or 400 or 403 or 404 ? null
                        : $"{read.Name}?{filter}: {(int)answer.StatusCode}");
                    wrong.AddRange(owner.Secrets.Where(s => answer.IsSuccessStatusCode
                        && text.Contains(s, StringComparison.Ordinal)).Select(s => $"{read.Name}?{filter} tells {s}"));
                }
        Refusal.AssertNone(wrong);
    }

    IReadOnlyList<Caller> Callers(PlatformUser stranger) =>
    [
        .. BadTokens().Select(t => Caller.Nobody(t.Kind, t.Token)),
        Caller.Stranger(stranger.Token),
        Caller.Operator(OperatorToken),
        Caller.Admin(Tokens.User(Guid.CreateVersion7(), [Roles.User, Roles.Operator, Roles.Admin])),
        Caller.Service(Tokens.Service(AppIds.Devices)),
        Caller.Nobody("a user's token in a service's place", null, (ServiceTokens.Header, stranger.Token)),
    ];

    /// <summary>An admin's, who has logged out, once all services and the gateway have heard of it.</summary>
    async Task<string> RevokedAsync(IReadOnlyList<Operation> all)
    {
        await using var admin = await AdminAsync();
        (await admin.Http.PostAsync("/api/auth/logout", null)).EnsureSuccessStatusCode();
        foreach (var read in all.Where(o => o.Method == HttpMethod.Get && !o.HasId && o.Audience != Audience.Anybody)
            .DistinctBy(o => o.AppId))
            foreach (var at in new[] { Platform.AddressOf(read.AppId), Platform.Gateway })
                await Wait.UntilAsync($"{read.AppId} to hear of the logout", async () =>
                {
                    using var answer = await SendAsync(at, read.Method, read.Path, admin.Token);
                    return answer.StatusCode == HttpStatusCode.Unauthorized;
                }, 30, every: 0.1);
        return admin.Token;
    }

    async Task<string?> WrongAsync(Uri at, Operation operation, string path, Caller caller, int status)
    {
        var answer = await SendAsync(at, operation.Method, path, caller.Bearer, RightBody(operation),
            caller.Header is { } header ? [header] : []);
        var what = $"{operation.Name} at {(at == Platform.Gateway ? "the gateway" : operation.AppId)} by {caller.Kind}";
        return await Refusal.WrongAsync(what, answer, status, TypeOf(status));
    }

    static string TypeOf(int status) => status switch { 401 => "unauthorized", 403 => "forbidden", _ => "not-found" };
}
