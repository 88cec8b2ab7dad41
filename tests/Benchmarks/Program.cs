using System.Globalization;
using System.Runtime.InteropServices;
using CloudPhone.Benchmarks.Charging;
using CloudPhone.Benchmarks.Events;
using CloudPhone.Benchmarks.Gateway;
using CloudPhone.Benchmarks.Invocation;
using CloudPhone.Benchmarks.Logins;
using CloudPhone.Benchmarks.Measuring;
using CloudPhone.Benchmarks.Outbox;
using CloudPhone.Benchmarks.Programs;
using CloudPhone.Benchmarks.Screens;

// Ratios of what this platform does to what a plain program would: see the README beside this file.
if (args is ["stub", var port])
    return await Stub.RunAsync(int.Parse(port, CultureInfo.InvariantCulture));
if (args is ["proxy", var own, var upstream])
    return await BareProxy.RunAsync(int.Parse(own, CultureInfo.InvariantCulture), upstream);
if (args is ["watchers"])
    return await Watchers.RunAsync();

Dictionary<string, Func<int, Task>> benchmarks = new()
{
    ["events"] = EventsBenchmark.RunAsync,
    ["outbox"] = OutboxBenchmark.RunAsync,
    ["invocation"] = InvocationBenchmark.RunAsync,
    ["gateway"] = GatewayBenchmark.RunAsync,
    ["token"] = TokenBenchmark.RunAsync,
    ["charging"] = ChargingBenchmark.RunAsync,
    ["logins"] = LoginStormBenchmark.RunAsync,
    ["packets"] = PacketsBenchmark.RunAsync,
    ["screens"] = StreamsBenchmark.RunAsync,
    ["touches"] = TouchBenchmark.RunAsync,
};
var options = Options.Parse(args, benchmarks.Keys);
if (options is null)
{
    Console.Error.WriteLine($"Benchmarks [{string.Join("] [", benchmarks.Keys)}] [--pairs N], with N of 5 or more.");
    return 2;
}
// what was started ends with this process, which would not be told of its end by a signal
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, _ => Environment.Exit(130));
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, _ => Environment.Exit(143));
var failed = false;
foreach (var name in options.Names)
{
    try
    {
        await Machine.AnnounceAsync(name);
        await benchmarks[name](options.Pairs);
    }
    catch (MissingProgramException e)
    {
        Console.Error.WriteLine($"{name}: {e.Message}");
        failed = true;
    }
}
return failed ? 1 : 0;

sealed record Options(IReadOnlyList<string> Names, int Pairs)
{
    const int Least = 5, Default = 7;

    /// <returns>Null where they can't be understood.</returns>
    public static Options? Parse(IReadOnlyList<string> args, IReadOnlyCollection<string> known)
    {
        var (names, pairs) = (new List<string>(), Default);
        for (var i = 0; i < args.Count; i++)
            if (known.Contains(args[i]))
                names.Add(args[i]);
            else if (args[i] != "--pairs" || i + 1 == args.Count
                || !int.TryParse(args[++i], CultureInfo.InvariantCulture, out pairs) || pairs < Least)
                return null;
        return new(names.Count > 0 ? names : [.. known], pairs);
    }
}
