using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Data;
using CloudPhone.Shared.Http;
using CloudPhone.Users.Passwords;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Users.Accounts;

public sealed record RegisterRequest(string Username, string Email, string Password, string? Language = null);

public sealed record RegisteredUser(Guid Id, string Username, string Email);

static class Register
{
    public static async Task<Results<Created<RegisteredUser>, ProblemHttpResult>> Handle(
        RegisterRequest request, HttpRequest http, UsersDb db, NewAccount accounts, PasswordHasher passwords,
        ResourceIds ids, CancellationToken ct)
    {
        if (Check(request) is { } wrong)
            return wrong;
        var id = ids.New();
        if (await db.Users.AsNoTracking().SingleOrDefaultAsync(u => u.Id == id, ct) is { } done)
            return Answer(done); // by the same request, whose answer was lost with its process
        if (await TakenAsync(db, request, ct) is { } taken)
            return taken;
        using var turn = passwords.TryTakeTurn();
        if (turn is null)
            return PasswordHasher.Busy;
        var hash = await turn.HashAsync(request.Password, ct);
        try
        {
            var language = request.Language ?? AccountRules.LanguageOf(http);
            var user = await accounts.CreateAsync(
                request.Username, request.Email, language, hash, [Roles.User], ct, id: id);
            return Answer(user);
        }
        catch (DbUpdateException e) when (DatabaseErrors.IsDuplicate(e))
        {
            db.ChangeTracker.Clear();
            return await TakenAsync(db, request, ct) ?? UsernameTaken; // gone again: whoever repeats will see
        }
    }

    static Created<RegisteredUser> Answer(User user) =>
        TypedResults.Created($"/api/users/{user.Id}", new RegisteredUser(user.Id, user.Username, user.Email));

    static ProblemHttpResult UsernameTaken => Problems.Conflict("username-taken", "Somebody else has this user name.");

    static ProblemHttpResult? Check(RegisterRequest request) => PasswordRules.Check(
        new FieldErrors()
            .Check(AccountRules.IsUsername(request.Username), "username", AccountRules.UsernameRule)
            .Check(AccountRules.IsEmail(request.Email), "email", AccountRules.EmailRule),
        "password", request.Password, request.Username, request.Email)
        .Check(AccountRules.IsLanguage(request.Language), "language", AccountRules.LanguageRule)
        .Problem;

    static async Task<ProblemHttpResult?> TakenAsync(UsersDb db, RegisterRequest request, CancellationToken ct)
    {
        var name = AccountRules.Normalize(request.Username);
        var email = AccountRules.Normalize(request.Email);
        var found = await db.Users.AsNoTracking().Where(u => u.NormalizedUsername == name || u.NormalizedEmail == email)
            .Select(u => u.NormalizedUsername).ToListAsync(ct);
        return found.Count == 0 ? null
            : found.Contains(name) ? UsernameTaken
            : Problems.Conflict("email-taken", "There is an account with this e-mail address.");
    }
}
