using System.Net;
using System.Net.Http.Json;
using CloudPhone.Contracts;
using CloudPhone.Users.Audits;
using CloudPhone.Users.Tests.Sessions;
using CloudPhone.Users.TwoFactor;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;

namespace CloudPhone.Users.Tests.TwoFactor;

public sealed class TwoFactorAttackTests : IAsyncDisposable
{
    const int Many = 50;
    readonly FakeTimeProvider _clock = new(DateTimeOffset.UtcNow);
    readonly UserService _service = new(("PASSWORD_HASH_QUEUE", "100"));

    public TwoFactorAttackTests() => _service.With(_clock);

    [Fact]
    public async Task A_code_is_good_once_also_the_one_that_turned_it_on()
    {
        var phone = await Phone.OnAsync(_service, _clock);
        await UserService.AssertProblemAsync(await phone.LoginAsync(phone.Code(-1)), 401, "otp-invalid");
        Assert.Equal(HttpStatusCode.OK, (await phone.LoginAsync(phone.Code())).StatusCode);
        await UserService.AssertProblemAsync(await phone.LoginAsync(phone.Code()), 401, "otp-invalid");
        await UserService.AssertProblemAsync(
            await phone.PostAsync("recovery-codes", new TwoFactorCode(phone.Code())), 403, "otp-invalid");
        Assert.Equal(HttpStatusCode.OK, (await phone.LoginAsync(phone.Code(1))).StatusCode);
        // older than one that was taken
        await UserService.AssertProblemAsync(await phone.LoginAsync(phone.Code()), 401, "otp-invalid");
        Assert.Equal([1, 1, 1], await FailuresAsync());
        Assert.Equal(["at POST /api/users/me/two-factor/recovery-codes, failure 2 in a row"], await ChecksAsync(phone));
    }

    [Theory]
    [InlineData(-2, false)]
    [InlineData(-1, true)]
    [InlineData(1, true)]
    [InlineData(2, false)]
    public async Task Clocks_may_differ_by_one_step(int steps, bool isTaken)
    {
        var phone = await Phone.OnAsync(_service, _clock);
        _clock.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(isTaken ? HttpStatusCode.OK : HttpStatusCode.Unauthorized,
            (await phone.LoginAsync(phone.Code(steps))).StatusCode);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Of_fifty_logins_at_once_with_one_code_a_single_one_gets_in(bool isRecovery)
    {
        var phone = await Phone.OnAsync(_service, _clock);
        var code = isRecovery ? phone.RecoveryCodes[3] : phone.Code();
        var before = await SessionsAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, Many).Select(_ => phone.LoginAsync(code)));
        Assert.Single(answers, a => a.StatusCode == HttpStatusCode.OK);
        Assert.All(answers, a => Assert.True(a.StatusCode is HttpStatusCode.OK or HttpStatusCode.Unauthorized
            or HttpStatusCode.TooManyRequests, a.StatusCode.ToString()));
        Assert.Equal(before + 1, await SessionsAsync());
    }

    /// <summary>A double click is no guess.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Twins_of_a_right_login_lock_nobody_and_count_as_no_failure(bool isRecovery)
    {
        var phone = await Phone.OnAsync(_service, _clock);
        var code = isRecovery ? phone.RecoveryCodes[3] : phone.Code();
        await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => phone.LoginAsync(code)));
        Assert.Equal(HttpStatusCode.OK, (await phone.LoginAsync(phone.Code(1))).StatusCode);
        Assert.Empty(await FailuresAsync());
    }

    /// <summary>Nor is it one at other doors: while the password is looked at, all twins have come.</summary>
    [Fact]
    public async Task Twins_of_other_acts_with_a_right_code_lock_nobody_and_count_as_no_failure()
    {
        var phone = await Phone.OnAsync(_service, _clock);
        await TwelveAsync("../api-keys", new
        {
            name = "k", scopes = new[] { "*" }, currentPassword = UserService.Password, otp = phone.Code(),
        });
        _clock.Advance(TimeSpan.FromSeconds(30));
        var renewed = await TwelveAsync("recovery-codes", new TwoFactorCode(phone.Code()));
        var codes = (await renewed.Content.ReadFromJsonAsync<RecoveryCodesAnswer>())!.RecoveryCodes;
        await TwelveAsync("recovery-codes", new TwoFactorCode(codes[3]));
        _clock.Advance(TimeSpan.FromSeconds(30));
        await TwelveAsync("disable", new DisableTwoFactorRequest(UserService.Password, phone.Code()));
        await phone.SetUpAsync();
        await TwelveAsync("enable", new TwoFactorCode(phone.Code()));
        Assert.Empty(await FailuresAsync());
        Assert.Empty(await ChecksAsync(phone));
        Assert.Empty(await _service.InDatabaseAsync(db => ((UsersDb)db).LoginAttempts
            .Where(a => a.Count > 0 || a.LockedUntil != null).ToListAsync()));

        async Task<HttpResponseMessage> TwelveAsync(string what, object body)
        {
            var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => phone.PostAsync(what, body)));
            Assert.DoesNotContain(answers, a => a.StatusCode == HttpStatusCode.TooManyRequests);
            return Assert.Single(answers, a => a.IsSuccessStatusCode);
        }
    }

    /// <summary>A code that renewed the recovery codes is a guess again once no double click can be the
    /// reason.</summary>
    [Fact]
    public async Task A_code_that_is_shown_again_later_to_renew_recovery_codes_counts_as_wrong()
    {
        var phone = await Phone.OnAsync(_service, _clock);
        var code = new TwoFactorCode(phone.RecoveryCodes[3]);
        (await phone.PostAsync("recovery-codes", code)).EnsureSuccessStatusCode();
        await UserService.AssertProblemAsync(await phone.PostAsync("recovery-codes", code), 403, "otp-invalid");
        Assert.Empty(await ChecksAsync(phone));
        _clock.Advance(TimeSpan.FromSeconds(11));
        await UserService.AssertProblemAsync(await phone.PostAsync("recovery-codes", code), 403, "otp-invalid");
        Assert.Single(await ChecksAsync(phone));
        Assert.Empty(await FailuresAsync());
    }

    [Fact]
    public async Task Of_many_who_turn_it_on_at_once_one_gets_the_recovery_codes()
    {
        var phone = new Phone(_service, _clock, await _service.AddUserAsync());
        await phone.SetUpAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, Many)
            .Select(_ => phone.PostAsync("enable", new TwoFactorCode(phone.Code()))));
        Assert.Single(answers, a => a.StatusCode == HttpStatusCode.OK);
        Assert.Equal(10, (await phone.StatusAsync()).RecoveryCodesLeft);
        Assert.Single(await _service.PublishedAsync<UserTwoFactorEnabled>());
    }

    [Fact]
    public async Task Guessing_codes_locks_as_guessing_passwords_does()
    {
        var phone = await Phone.OnAsync(_service, _clock);
        for (var i = 0; i < 4; i++)
        {
            await UserService.AssertProblemAsync(await phone.LoginAsync(phone.WrongCode()), 401, "otp-invalid");
            // who knows the password can't make the guesses forgotten by it
            await UserService.AssertProblemAsync(await phone.LoginAsync(null), 401, "otp-required");
        }
        // guesses at other doors count as well
        await UserService.AssertProblemAsync(
            await phone.PostAsync("recovery-codes", new TwoFactorCode(phone.WrongCode())), 403, "otp-invalid");
        foreach (var locked in new[]
        {
            await phone.LoginAsync(phone.Code()), await phone.LoginAsync(phone.RecoveryCodes[0]),
            await phone.PostAsync("recovery-codes", new TwoFactorCode(phone.Code())),
            await phone.PostAsync("disable", new DisableTwoFactorRequest(UserService.Password, phone.Code())),
        })
            await UserService.AssertProblemAsync(locked, 429, "too-many-attempts");
        // to have no code at hand is no guess
        for (var i = 0; i < 6; i++)
            await UserService.AssertProblemAsync(await phone.LoginAsync(null), 401, "otp-required");
        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(HttpStatusCode.OK, (await phone.LoginAsync(phone.Code())).StatusCode);
        Assert.Equal([1, 2, 3, 4], await FailuresAsync());
        Assert.Equal(["at POST /api/users/me/two-factor/recovery-codes, failure 5 in a row"], await ChecksAsync(phone));
    }

    /// <summary>What a refusal costs would tell which guess was right: it is still so when the lock ends.</summary>
    [Fact]
    public async Task While_codes_are_locked_a_right_one_costs_as_much_as_a_wrong_one()
    {
        var phone = await Phone.OnAsync(_service, _clock);
        for (var i = 0; i < 5; i++)
            await UserService.AssertProblemAsync(
                await phone.PostAsync("recovery-codes", new TwoFactorCode(phone.WrongCode())), 403, "otp-invalid");
        var wrong = await CountAsync(phone.WrongCode());
        Assert.Equal(wrong, await CountAsync(phone.Code()));
        Assert.True(wrong > 5);

        async Task<int> CountAsync(string code)
        {
            using var client = _service.As(phone.User.Id);
            var request = Guid.NewGuid().ToString("N");
            client.DefaultRequestHeaders.Add("X-Request-ID", request);
            await UserService.AssertProblemAsync(await client.PostAsJsonAsync(
                "/api/users/me/two-factor/recovery-codes", new TwoFactorCode(code)), 429, "too-many-attempts");
            return CommandCount.Of(request);
        }
    }

    [Fact]
    public async Task Whoever_sets_up_an_app_with_a_stolen_token_cannot_guess_its_code()
    {
        var phone = new Phone(_service, _clock, await _service.AddUserAsync());
        await phone.SetUpAsync();
        for (var i = 0; i < 5; i++)
            await UserService.AssertProblemAsync(
                await phone.PostAsync("enable", new TwoFactorCode(phone.WrongCode())), 403, "otp-invalid");
        await UserService.AssertProblemAsync(
            await phone.PostAsync("enable", new TwoFactorCode(phone.Code())), 429, "too-many-attempts");
        // the owner can log in all the same
        await _service.LoginAsync(phone.User.Username);
    }

    [Fact]
    public async Task A_wrong_password_is_answered_the_same_whatever_code_is_with_it()
    {
        var phone = await Phone.OnAsync(_service, _clock);
        using var hashes = _service.CountHashes();
        foreach (var otp in new[] { null, phone.Code(), phone.WrongCode() })
            await UserService.AssertProblemAsync(
                await phone.LoginAsync(otp, "wrong password"), 401, "invalid-credentials");
        Assert.Equal(3, hashes.Value);
        // the code was not used up by it
        Assert.Equal(HttpStatusCode.OK, (await phone.LoginAsync(phone.Code())).StatusCode);
    }

    [Theory]
    [InlineData("１２３４５６")]
    [InlineData("12345")]
    [InlineData("-1234567")]
    [InlineData("' OR 1=1 --abcde")]
    [InlineData("\0\0\0\0\0\0")]
    [InlineData("abcd-efgh-jkmn-\0\0\0\0")]
    public async Task Odd_codes_are_just_wrong(string otp)
    {
        var phone = await Phone.OnAsync(_service, _clock);
        await UserService.AssertProblemAsync(await phone.LoginAsync(otp), 401, "otp-invalid");
    }

    [Fact]
    public async Task A_sealed_secret_that_is_put_into_anothers_row_opens_nothing()
    {
        var (mine, other) = (await Phone.OnAsync(_service, _clock), await Phone.OnAsync(_service, _clock));
        var sealedSecret = await _service.InDatabaseAsync(db => ((UsersDb)db).Authenticators
            .Where(a => a.UserId == mine.User.Id).Select(a => a.Secret).SingleAsync());
        await _service.InDatabaseAsync(db => ((UsersDb)db).Authenticators.Where(a => a.UserId == other.User.Id)
            .ExecuteUpdateAsync(s => s.SetProperty(a => a.Secret, sealedSecret)));
        await UserService.AssertProblemAsync(await other.LoginAsync(mine.Code()), 401, "otp-invalid");
    }

    async Task<IEnumerable<int>> FailuresAsync() =>
        (await _service.FailuresAsync()).Select(e => e.FailureCount).Order();

    /// <summary>Codes that were wrong beside a token, as the trail tells of them.</summary>
    Task<List<string?>> ChecksAsync(Phone phone) => _service.InDatabaseAsync(db => ((UsersDb)db).AuditEntries
        .Where(e => e.UserId == phone.User.Id && e.Act == Acts.CodeCheckFailed).Select(e => e.Detail).ToListAsync());

    Task<int> SessionsAsync() => _service.InDatabaseAsync(db => ((UsersDb)db).Sessions.CountAsync());

    public ValueTask DisposeAsync() => _service.DisposeAsync();
}
