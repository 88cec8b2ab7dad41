using CloudPhone.Contracts;
using CloudPhone.Shared.Hosting;
using CloudPhone.Users;
using CloudPhone.Users.Accounts;
using CloudPhone.Users.ApiKeys;
using CloudPhone.Users.Audits;
using CloudPhone.Users.Ledger;
using CloudPhone.Users.Passwords;
using CloudPhone.Users.Quotas;
using CloudPhone.Users.Sessions;
using CloudPhone.Users.TwoFactor;

return await CloudPhoneHost.RunAsync(args, AppIds.Users, builder => builder.AddUsers(),
    app =>
    {
        app.MapAccounts();
        app.MapAudits();
        app.MapPasswords();
        app.MapSessions();
        app.MapTwoFactor();
        app.MapApiKeys();
        app.MapQuotas();
        app.MapLedger();
    });
