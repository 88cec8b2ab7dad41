using System.Globalization;
using CloudPhone.Testing;

namespace CloudPhone.Benchmarks.Programs;

/// <summary>Parts of this program as processes of their own.</summary>
static class Background
{
    static string Program => Path.Combine(AppContext.BaseDirectory, "Benchmarks.dll");

    /// <summary>What starts a stub there.</summary>
    public static IReadOnlyList<string> StubCommand(int port) => [Program, "stub", $"{port}"];

    public static async Task<ServiceProcess> StartStubAsync(int port)
    {
        var stub = ServiceProcess.Start(StubCommand(port));
        await stub.AddressAsync();
        return stub;
    }

    public static async Task<ServiceProcess> StartBareProxyAsync(int port, Uri upstream)
    {
        var proxy = ServiceProcess.Start(
            [Program, "proxy", port.ToString(CultureInfo.InvariantCulture), upstream.ToString()]);
        await proxy.AddressAsync();
        return proxy;
    }
}
