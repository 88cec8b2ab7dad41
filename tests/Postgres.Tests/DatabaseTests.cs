using Microsoft.EntityFrameworkCore;

namespace CloudPhone.Postgres.Tests;

/// <summary>What holds for every service's database.</summary>
/// <typeparam name="TProgram">Any type of the service.</typeparam>
public abstract class DatabaseTests<TProgram>(Server server) where TProgram : class
{
    [Fact]
    public async Task Two_instances_start_together_on_an_empty_database_and_the_migrations_are_the_model()
    {
        var url = await server.CreateDatabaseAsync();
        await using TestService<TProgram> one = Server.On<TProgram>(url), two = Server.On<TProgram>(url);
        await Task.WhenAll(new[] { one, two }.Select(s => Task.Run(async () =>
        {
            using var client = s.Anonymous();
            await client.GetAsync("/health/ready").JsonAsync();
        })));
        await one.InDatabaseAsync(async db =>
        {
            Assert.True(db.Database.IsNpgsql());
            Assert.False(db.Database.HasPendingModelChanges(),
                "the model has changed: add a migration (services/Shared/README.md)");
            Assert.NotEmpty(await db.Database.GetAppliedMigrationsAsync());
            Assert.Empty(await db.Database.GetPendingMigrationsAsync());
            return true;
        });
        await using var again = Server.On<TProgram>(url);
        using var client = again.Anonymous();
        await client.GetAsync("/health/ready").JsonAsync();
    }
}

public sealed class UsersDatabaseTests(Server server) : DatabaseTests<Users.UsersDb>(server);

public sealed class DevicesDatabaseTests(Server server) : DatabaseTests<Devices.Lifecycle.Device>(server);

public sealed class AppsDatabaseTests(Server server) : DatabaseTests<Apps.AppDb>(server);

public sealed class SchedulerDatabaseTests(Server server) : DatabaseTests<Scheduler.SchedulerDb>(server);

public sealed class BillingDatabaseTests(Server server) : DatabaseTests<Billing.BillingDb>(server);

public sealed class NotificationsDatabaseTests(Server server) : DatabaseTests<Notifications.NotificationsDb>(server);

public sealed class SampleDatabaseTests(Server server) : DatabaseTests<SampleService.NotesDb>(server);
