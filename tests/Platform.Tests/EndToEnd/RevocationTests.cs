using System.Net;
using System.Net.Http.Json;
using CloudPhone.Contracts;
using CloudPhone.Platform.Tests.Running;
using CloudPhone.Testing;

namespace CloudPhone.Platform.Tests.EndToEnd;

/// <summary>What is ended at the user service is over everywhere.</summary>
[Collection(nameof(SharedPlatform))]
public sealed class RevocationTests(PlatformFixture fixture)
{
    const string Password = "seven green lanterns";

    /// <summary>A route of each service that users have routes of.</summary>
    static readonly (string AppId, string Path)[] Routes =
    [
        (AppIds.Users, "/api/users/me"), (AppIds.Devices, "/api/devices"), (AppIds.Apps, "/api/apps"),
        (AppIds.Billing, "/api/billing/usage"), (AppIds.Notifications, "/api/notifications"),
        (AppIds.Media, "/api/media/sessions"),
    ];

    /// <summary>Every route through every gateway, and each at every replica of its own service.</summary>
    IEnumerable<Uri> Addresses() =>
        from route in Routes
        from address in fixture.Platform.AddressesOf(AppIds.Gateway)
            .Concat(fixture.Platform.AddressesOf(route.AppId))
        select new Uri(address, route.Path);

    [Fact]
    public async Task After_a_logout_no_service_and_no_replica_takes_the_access_token_for_longer_than_30_s()
    {
        var name = $"rev-{Guid.NewGuid():N}"[..20];
        using var anonymous = new HttpClient { BaseAddress = fixture.Platform.Gateway };
        (await anonymous.PostAsJsonAsync(
            "/api/auth/register", new { username = name, email = $"{name}@example.com", password = Password }))
            .EnsureSuccessStatusCode();
        var leaving = await PlatformUser.LogInAsync(fixture.Platform, name, Password);
        await using var staying = await PlatformUser.LogInAsync(fixture.Platform, name, Password);
        await leaving.OpenWebSocketAsync();
        foreach (var address in Addresses())
            Assert.Equal(HttpStatusCode.OK, await StatusAsync(leaving, address));
        (await leaving.Http.PostAsync("/api/auth/logout", null)).EnsureSuccessStatusCode();
        await Wait.UntilAsync("the token to be refused everywhere", async () =>
        {
            foreach (var address in Addresses())
                if (await StatusAsync(leaving, address) != HttpStatusCode.Unauthorized)
                    return false;
            return !leaving.IsWebSocketOpen;
        }, 30, every: 0.5);
        foreach (var address in Addresses())
            Assert.Equal(HttpStatusCode.OK, await StatusAsync(staying, address));
        await leaving.DisposeAsync();
    }

    static async Task<HttpStatusCode> StatusAsync(PlatformUser user, Uri address)
    {
        using var answer = await user.Http.GetAsync(address);
        return answer.StatusCode;
    }
}
