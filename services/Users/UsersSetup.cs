using CloudPhone.Shared.Data;
using CloudPhone.Users.Accounts;
using CloudPhone.Users.Audits;
using CloudPhone.Users.Ledger;
using CloudPhone.Users.Passwords;
using CloudPhone.Users.Quotas;
using CloudPhone.Users.Sessions;
using CloudPhone.Users.TwoFactor;

namespace CloudPhone.Users;

static class UsersSetup
{
    public static void AddUsers(this WebApplicationBuilder builder)
    {
        builder.AddDatabase<UsersDb>();
        builder.Services.AddSingleton(new UsersOptions(builder.Configuration));
        builder.AddAccounts();
        builder.AddAudits();
        builder.AddPasswords();
        builder.AddSessions();
        builder.AddTwoFactor();
        builder.AddQuotas();
        builder.AddLedger();
    }
}
