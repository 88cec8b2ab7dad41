using System.Diagnostics;
using System.Globalization;
using CloudPhone.Benchmarks.Events;
using CloudPhone.Benchmarks.Measuring;
using CloudPhone.Billing;
using CloudPhone.Billing.Charging;
using CloudPhone.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace CloudPhone.Benchmarks.Charging;

/// <summary>
/// One minute's step of charging over many running phones, a tenth of them of users whose plan includes hours: usage
/// records, hours, days and an event for each, committed to disk.
/// </summary>
static class ChargingBenchmark
{
    const int Largest = 100_000;
    static readonly int[] Sizes = [1_000, 10_000, Largest];
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);
    static readonly DateTimeOffset Start = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    public static async Task RunAsync(int rounds)
    {
        MissingProgramException.ThrowIf(PostgresServer.Missing);
        await using var server = await PostgresServer.StartAsync(PostgresSettings.Durable);
        await using var service = new TestService<BillingDb>(
            ("DATABASE_URL", await server.CreateDatabaseAsync()), ("Logging:LogLevel:Default", "Error"));
        _ = service.Services; // starts it
        await service.InDatabaseAsync(db => db.Set<ChargingTurn>().ExecuteDeleteAsync()); // only this program charges
        var rows = new List<string[]>();
        foreach (var size in Sizes)
            rows.Add(Row(size, await MeasureAsync(service, size, rounds)));
        Table.Write(["running phones", "minimum", "median", "maximum", "median per phone", ""], rows);
    }

    static string[] Row(int size, List<TimeSpan> times)
    {
        var median = times[times.Count / 2];
        return
        [
            size.ToString("N0", CultureInfo.InvariantCulture), Seconds(times[0]), Seconds(median), Seconds(times[^1]),
            $"{median.TotalMicroseconds / size:0} µs",
            size < Largest ? "" : median < Limit ? "met: under 5 s" : "missed: under 5 s",
        ];
    }

    static string Seconds(TimeSpan time) => $"{time.TotalSeconds:0.000} s";

    static async Task<List<TimeSpan>> MeasureAsync(TestService<BillingDb> service, int size, int rounds)
    {
        await RunAsync(service, "TRUNCATE usage_records, subscriptions, daily_usage, outbox");
        await RunAsync(service, $"""
            INSERT INTO usage_records (id, device_id, user_id, from_version, started_at, paused_ms, status, cpu_cores,
                memory_gb, storage_gb, price_per_hour, changes, charged_changes, charged_seconds, included_seconds,
                charged_amount)
            SELECT gen_random_uuid(), gen_random_uuid(), md5((n % 10000)::text)::uuid, 2, timestamptz '{Start:O}', 0,
                'Open', 2, 4, 0, 0.9, 1, 0, 0, 0, 0 FROM generate_series(1, {size}) n
            """);
        await RunAsync(service, $"""
            INSERT INTO subscriptions (id, user_id, plan_id, order_id, month, "from", until, included_seconds,
                used_seconds)
            SELECT gen_random_uuid(), md5(n::text)::uuid, gen_random_uuid(), gen_random_uuid(), 1,
                timestamptz '{Start:O}', timestamptz '{Start.AddDays(30):O}', 100000, 0 FROM generate_series(0, 999) n
            """);
        await RunAsync(service, "ANALYZE");
        var times = new List<TimeSpan>();
        for (var minute = 1; minute <= rounds + 1; minute++)
        {
            await RunAsync(service, "TRUNCATE outbox");
            var time = await StepAsync(service, Start.AddMinutes(minute), size);
            if (minute > 1) // the first warms up, and makes the day's rows
                times.Add(time);
        }
        times.Sort();
        return times;
    }

    static async Task<TimeSpan> StepAsync(TestService<BillingDb> service, DateTimeOffset now, int size)
    {
        await using var scope = service.Services.CreateAsyncScope();
        var watch = Stopwatch.StartNew();
        var charged = await ChargeStep.RunAsync(scope.ServiceProvider.GetRequiredService<BillingDb>(),
            scope.ServiceProvider.GetRequiredService<CloudPhone.Shared.Messaging.Outbox>(), all: true, now, default);
        return charged == size ? watch.Elapsed
            : throw new InvalidOperationException($"{charged} of {size} phones were charged.");
    }

    static Task<int> RunAsync(TestService<BillingDb> service, string sql) =>
        service.InDatabaseAsync(db => db.Database.ExecuteSqlRawAsync(sql));
}
