using System.Buffers.Binary;
using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using CloudPhone.Devices.Lifecycle;

namespace CloudPhone.Postgres.Tests;

/// <summary>Limits that are counted hold for many requests at once, at two replicas.</summary>
public sealed class DeviceLimitTests(Server server)
{
    const int AtOnce = 30;

    [Fact]
    public Task Shares_of_a_phone() => NoMoreThanAsync(20, "too-many-shares",
        (client, device) => client.PostAsJsonAsync(
            $"/api/devices/{device}/shares", new { access = "view", minutes = 5 }));

    [Fact]
    public Task Adb_tunnels_of_a_phone()
    {
        using var rsa = RSA.Create(2048);
        var key = AdbKeyOf(rsa.ExportParameters(false));
        var first = FreePort.Next();
        return NoMoreThanAsync(5, "too-many-tunnels",
            (client, device) => client.PostAsJsonAsync($"/api/devices/{device}/adb", new { publicKey = key }),
            ("ADB_TUNNEL_PORTS", $"{first}-{first + 60}"));
    }

    [Fact]
    public Task Snapshots_of_a_user() => NoMoreThanAsync(4, "too-many-snapshots",
        (client, device) => client.PostAsJsonAsync($"/api/devices/{device}/snapshots", new { name = "many" }),
        ("MAX_SNAPSHOTS_PER_USER", "4"));

    /// <summary>As adb writes it.</summary>
    static string AdbKeyOf(RSAParameters rsa)
    {
        var bytes = new byte[524];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, 64);
        rsa.Modulus!.Reverse().ToArray().CopyTo(bytes, 8);
        rsa.Exponent!.Reverse().ToArray().CopyTo(bytes, 520);
        return Convert.ToBase64String(bytes);
    }

    async Task NoMoreThanAsync(
        int limit, string problem, Func<HttpClient, Guid, Task<HttpResponseMessage>> post,
        params (string, string)[] settings)
    {
        var url = await server.CreateDatabaseAsync();
        (string, string)[] all = [("DEVICE_SWEEP_SECONDS", "60"), .. settings];
        await using var one = Server.On<Device>(url, all);
        await using var two = Server.On<Device>(url, all);
        var (user, device) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        using var client = one.As(user);
        using var other = two.As(user);
        await client.GetAsync("/api/devices").JsonAsync();
        await other.GetAsync("/api/devices").JsonAsync();
        var now = DateTimeOffset.UtcNow;
        await one.InDatabaseAsync(async db =>
        {
            db.Add(new Device
            {
                Id = device, UserId = user, Name = "p", CpuCores = 1, MemoryGB = 1, Status = DeviceStatus.Running,
                Step = CreationStep.Announced, CreatedAt = now, StatusSince = now,
            });
            return await db.SaveChangesAsync();
        });
        var answers = await Http.AtOnceAsync(AtOnce, async i =>
        {
            using var answer = await post(i % 2 == 0 ? client : other, device);
            var text = await answer.Content.ReadAsStringAsync();
            Assert.True(answer.IsSuccessStatusCode || text.Contains(problem, StringComparison.Ordinal), text);
            return answer.StatusCode;
        });
        Assert.Equal((limit, AtOnce - limit), (answers.Count(a => (int)a < 300),
            answers.Count(a => a == HttpStatusCode.Conflict)));
    }
}
