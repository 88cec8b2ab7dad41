using System.Net;
using System.Net.Sockets;
using CloudPhone.Sidecar.Runner.Processes;

namespace CloudPhone.Sidecar.Tests.Runner;

public sealed class BuildTests : IDisposable
{
    readonly TemplateFolder _folder = new();

    public BuildTests()
    {
        _folder.Write("""
            version: 1
            common: { resourcesPaths: [resources], configFilePath: config.yaml, apiListenAddresses: 127.0.0.1 }
            apps:
              - { appDirPath: services/One, appID: one, command: [dotnet, bin/Debug/net10.0/One.dll] }
            """);
        Directory.CreateDirectory(_folder.In("services", "One"));
        Directory.CreateDirectory(_folder.In("tests", "Broken"));
        File.WriteAllText(_folder.In("Some.slnx"), """
            <Solution>
              <Project Path="services/One/One.csproj" />
              <Project Path="tests/Broken/Broken.csproj" />
            </Solution>
            """);
        foreach (var project in (string[])["services/One/One.csproj", "tests/Broken/Broken.csproj"])
            File.WriteAllText(_folder.In(project), """
                <Project Sdk="Microsoft.NET.Sdk">
                  <PropertyGroup>
                    <OutputType>Exe</OutputType>
                    <TargetFramework>net10.0</TargetFramework>
                    <UseAppHost>false</UseAppHost>
                  </PropertyGroup>
                </Project>
                """);
        File.WriteAllText(_folder.In("tests", "Broken", "Program.cs"), "no C#");
        Write("""System.Console.WriteLine("built"); System.Threading.Thread.Sleep(-1);""");
    }

    public void Dispose() => _folder.Dispose();

    void Write(string program) => File.WriteAllText(_folder.In("services", "One", "Program.cs"), program);

    [Fact]
    public async Task Builds_the_apps_once_and_again_after_a_change()
    {
        await using (var first = RunnerProcess.Start(_folder, build: true))
        {
            await first.UntilReadyAsync();
            Assert.Contains("Building 1 projects of Some.slnx (Debug) ...", first.Lines);
            await first.WaitForLineAsync("one | built");
        }
        await using (var second = RunnerProcess.Start(_folder, build: true))
        {
            await second.UntilReadyAsync();
            Assert.Contains("The build is up to date.", second.Lines);
        }
        Write("""System.Console.WriteLine(nowhere);""");
        await using var third = RunnerProcess.Start(_folder, build: true);
        Assert.Equal(1, await third.ExitAsync(60));
        Assert.Contains("error CS0103", third.Errors[0]);
        Assert.Equal($"The build of {_folder.In("Some.slnx")} failed, with the errors above.", third.Errors[^1]);
        Assert.DoesNotContain(third.Lines, l => l.StartsWith("Starting"));
    }

    /// <summary>What answers there would be taken for the app.</summary>
    [Fact]
    public async Task Sees_a_port_that_is_taken_during_the_build()
    {
        var port = FreePort.Next();
        _folder.Write($$"""
            version: 1
            common: { resourcesPaths: [resources], configFilePath: config.yaml, apiListenAddresses: 127.0.0.1 }
            apps:
              - { appDirPath: services/One, appID: one, appPort: {{port}}, command: [dotnet, bin/Debug/net10.0/One.dll] }
            """);
        await using var runner = RunnerProcess.Start(_folder, build: true);
        await runner.WaitForLineAsync("Building");
        using var stranger = new TcpListener(IPAddress.Loopback, port);
        stranger.Start();
        Assert.Equal(1, await runner.ExitAsync(60));
        Assert.StartsWith($"Port {port} (appPort of one) is in use", Assert.Single(runner.Errors));
        Assert.DoesNotContain(runner.Lines, l => l.StartsWith("Starting"));
    }

    [Fact]
    public async Task Says_what_is_not_built()
    {
        await using var runner = RunnerProcess.Start(_folder);
        Assert.Equal(1, await runner.ExitAsync());
        Assert.StartsWith("one is not built: ", Assert.Single(runner.Errors));
    }

    [Fact]
    public async Task Stops_in_the_midst_of_a_build()
    {
        await using var runner = RunnerProcess.Start(_folder, build: true);
        await runner.WaitForLineAsync("Building");
        runner.Signal(Posix.Sigterm);
        Assert.Equal(0, await runner.ExitAsync());
        Assert.Empty(runner.Errors);
    }
}
