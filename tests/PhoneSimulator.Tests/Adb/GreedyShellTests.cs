using CloudPhone.Testing;

namespace CloudPhone.PhoneSimulator.Tests.Adb;

/// <summary>Lines that want more of the host than a shell should have.</summary>
public sealed class GreedyShellTests
{
    [Fact]
    public async Task Commands_within_commands_and_variables_of_variables_end_and_the_phone_lives_on()
    {
        Assert.SkipWhen(AdbClient.Missing is not null, AdbClient.Missing ?? "");
        await using var phone = await SimulatedPhone.StartAsync();
        await using var adb = await phone.ConnectAdbAsync();
        var within = await adb.CallAsync("shell", string.Concat(Enumerable.Repeat("exec ", 10_000)) + "echo a");
        Assert.Equal((126, ""), (within.Code, within.Text));
        var doubled = await adb.CallAsync("shell",
            "A=0123456789;" + string.Concat(Enumerable.Repeat("A=$A$A;", 40)) + "echo $A | wc -c");
        Assert.True(doubled.Text.Length < 10, doubled.Text);
        var many = await adb.CallAsync("shell", "A=0123456789;" + string.Concat(Enumerable.Repeat("A=$A$A;", 12))
            + "echo" + string.Concat(Enumerable.Repeat(" $A", 10_000)));
        Assert.Contains("Argument list too long", many.Error, StringComparison.Ordinal);
        Assert.Equal("a", (await adb.CallAsync("shell", "sh -c 'exec echo a'")).Text);
        Assert.False(phone.Process.HasExited);
    }

    [Fact]
    public async Task Its_log_does_not_fill_the_hosts_disk()
    {
        var path = Directory.CreateTempSubdirectory("cloudphone-log-").FullName;
        try
        {
            using (var folder = await PhoneFolder.OpenAsync(path, new(Guid.CreateVersion7(), "token")))
                for (var i = 0; i < 1000; i++)
                    folder.Log($"{i} {new string('x', 4096)}");
            var logs = Directory.GetFiles(path, "phone.log*");
            Assert.InRange(logs.Sum(f => new FileInfo(f).Length), 256 << 10, 600 << 10);
            Assert.Contains(" 999 ", File.ReadLines(Path.Combine(path, "phone.log")).Last(), StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(path, recursive: true);
        }
    }
}
