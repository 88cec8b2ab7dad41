using CloudPhone.Shared.Auth;
using static CloudPhone.Platform.Tests.BadInput.Twice.Submission;

namespace CloudPhone.Platform.Tests.BadInput.Twice;

static class OfAccounts
{
    /// <summary>Failures are put down beside it: twins come with what was right a moment ago.</summary>
    const string Audited =
        "audit_entries WHERE act NOT IN ('login-failed', 'password-check-failed', 'code-check-failed')";

    public static IReadOnlyList<(string Name, Submission Submission)> All { get; } =
    [
        ("POST /api/auth/register", Once("users", s => Task.FromResult(s.ByNobody(
            "/api/auth/register", NewAccount())))),
        ("POST /api/auth/login", EachCounts),
        ("POST /api/auth/refresh", Unkept("refresh_tokens", async s => s.ByNobody(
            "/api/auth/refresh", new { refreshToken = await s.Member.ElsewhereAsync() }))),
        ("POST /api/auth/logout", Unkept(Audited, async s => s.ByNobody(
            "/api/auth/logout", new { refreshToken = await s.Member.ElsewhereAsync() }))),
        ("POST /api/auth/password-reset", ByKey("password_resets", s => Task.FromResult(s.ByNobody(
            "/api/auth/password-reset", new { email = $"{Guid.NewGuid():N}@example.com" })))),
        ("POST /api/auth/email-change/confirm", Once(Audited, async s =>
        {
            var email = $"{Guid.NewGuid():N}@example.com";
            await Submitter.DoneAsync(s.ByMember(
                "PATCH", "/api/users/me", new { email, currentPassword = s.Member.Password }));
            var token = new EmailTokens(s.Jwt).Create(await s.LinkAsync("email_changes", email));
            return s.ByNobody("/api/auth/email-change/confirm", new { token });
        })),
        ("PATCH /api/users/me", Once(null, s => Task.FromResult(s.ByMember(
            "PATCH", "/api/users/me", new { language = "zh-CN" })))),
        ("DELETE /api/users/me/sessions/{id}", Once(Audited, async s =>
        {
            await s.Member.ElsewhereAsync();
            var other = (await s.Member.Now.ListAsync("/api/users/me/sessions"))
                .First(i => !i.GetProperty("current").GetBoolean()).GetProperty("id").GetGuid();
            return s.ByMember("DELETE", $"/api/users/me/sessions/{other}");
        })),
        ("DELETE /api/users/me/sessions", Once(Audited, async s =>
        {
            await s.Member.ElsewhereAsync();
            return s.ByMember("DELETE", "/api/users/me/sessions");
        })),
        ("POST /api/users/me/api-keys", ByKey("api_keys", s => Task.FromResult(NewKey(s)))),
        ("DELETE /api/users/me/api-keys/{keyId}", Once(Audited, async s => s.ByMember(
            "DELETE", $"/api/users/me/api-keys/{await Submitter.MadeAsync(NewKey(s))}"))),
        ("DELETE /api/users/{id}/api-keys/{keyId}", Once(Audited, async s => s.ByAdmin(
            "DELETE", $"/api/users/{s.Member.Now.Id}/api-keys/{await Submitter.MadeAsync(NewKey(s))}"))),
        // without a key the last one's secret is in force
        ("POST /api/users/me/two-factor/setup", ByKey(null, s => Task.FromResult(s.ByMember(
            "POST", "/api/users/me/two-factor/setup", new { currentPassword = s.Member.Password })))),
        ("POST /api/users/me/two-factor/enable", Once(Audited, async s =>
        {
            await OffAsync(s);
            await s.Member.SetUpAsync();
            return s.ByMember("POST", "/api/users/me/two-factor/enable", new { code = await s.Member.CodeAsync() });
        })),
        ("POST /api/users/me/two-factor/disable", Once(Audited, async s =>
        {
            await OffAsync(s);
            await s.Member.TurnOnAsync();
            return s.ByMember("POST", "/api/users/me/two-factor/disable",
                new { password = s.Member.Password, code = await s.Member.CodeAsync() });
        })),
        ("POST /api/users/me/two-factor/recovery-codes", Once(Audited, async s =>
        {
            await OffAsync(s);
            await s.Member.TurnOnAsync();
            return s.ByMember(
                "POST", "/api/users/me/two-factor/recovery-codes", new { code = await s.Member.CodeAsync() });
        })),
        ("DELETE /api/users/{id}/two-factor", Once(Audited, async s =>
        {
            await OffAsync(s);
            await s.Member.TurnOnAsync();
            return s.ByAdmin("DELETE", $"/api/users/{s.Member.Now.Id}/two-factor");
        })),
        ("DELETE /api/users/{id}/sessions", Once(Audited, async s => s.ByAdmin(
            "DELETE", $"/api/users/{(await s.Member.LogInAsync()).Id}/sessions"))),
        ("POST /api/users/me/password", Once(Audited, async s =>
        {
            await s.Member.LogInAsync();
            var (old, next) = (s.Member.Password, $"eight blue {Guid.NewGuid():N}");
            s.Member.Password = next;
            return s.ByMember("POST", "/api/users/me/password", new { currentPassword = old, newPassword = next });
        })),
        ("POST /api/auth/password-reset/confirm", Once(Audited, async s =>
        {
            var me = await (await s.Member.LogInAsync()).GetAsync("/api/users/me");
            var email = me.GetProperty("email").GetString()!;
            await Submitter.DoneAsync(s.ByNobody("/api/auth/password-reset", new { email }));
            var token = new ResetTokens(s.Jwt).Create(await s.LinkAsync("password_resets", email));
            s.Member.Password = $"nine red {Guid.NewGuid():N}";
            return s.ByNobody("/api/auth/password-reset/confirm", new { token, newPassword = s.Member.Password });
        })),
        ("PUT /api/users/{id}/roles", Once(Audited, async s =>
        {
            var path = $"/api/users/{s.Member.Now.Id}/roles";
            await Submitter.DoneAsync(s.ByAdmin("PUT", path, new { roles = new[] { Roles.User } }));
            return s.ByAdmin("PUT", path, new { roles = new[] { Roles.User, Roles.Operator } });
        })),
        ("POST /api/users/{id}/suspend", Once(Audited, async s =>
        {
            await Submitter.DoneAsync(s.ByAdmin("POST", $"/api/users/{s.Member.Now.Id}/reinstate"));
            return s.ByAdmin("POST", $"/api/users/{s.Member.Now.Id}/suspend", new { reason = "twice" });
        })),
        ("POST /api/users/{id}/reinstate", Once(Audited, async s =>
        {
            await Submitter.DoneAsync(s.ByAdmin(
                "POST", $"/api/users/{s.Member.Now.Id}/suspend", new { reason = "twice" }));
            return s.ByAdmin("POST", $"/api/users/{s.Member.Now.Id}/reinstate");
        })),
        ("POST /api/users/{id}/adjustments", ByKey("ledger_entries", s => Task.FromResult(s.ByAdmin(
            "POST", $"/api/users/{s.User.Id}/adjustments", new { amount = 100, note = "twice" })))),
    ];

    static object NewAccount()
    {
        var name = $"t{Guid.NewGuid():N}"[..20];
        return new { username = name, email = $"{name}@example.com", password = "seven green lanterns" };
    }

    static Send NewKey(Submitter s) => s.ByMember("POST", "/api/users/me/api-keys",
        new { name = "twice", scopes = new[] { "devices:read" }, currentPassword = s.Member.Password });

    /// <summary>By an admin, which ends the sessions as well.</summary>
    static async Task OffAsync(Submitter s)
    {
        using var answer = await s.ByAdmin("DELETE", $"/api/users/{s.Member.Now.Id}/two-factor")(null);
        Assert.True((int)answer.StatusCode is 204 or 409, $"two-factor off: {answer.StatusCode}");
        await s.Member.LogInAsync();
    }
}
