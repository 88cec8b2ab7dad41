using System.Globalization;

namespace CloudPhone.Benchmarks.Measuring;

/// <summary>What is measured: its name, and one measurement.</summary>
sealed record Arm(string Name, Func<Task<double>> MeasureAsync);

/// <summary>
/// Arms that are measured in turn, again and again, so that what else the machine does hits all of them. Ratios are
/// made within a round.
/// </summary>
sealed class Comparison(string unit, params IReadOnlyList<Arm> arms)
{
    const int WarmUp = 3;
    readonly Dictionary<string, List<double>> _values = arms.ToDictionary(a => a.Name, _ => new List<double>());

    /// <summary>Rounds that do not count come first: code is compiled, twice where it is hot, and connections are
    /// opened.</summary>
    public async Task<Comparison> RunAsync(int rounds)
    {
        for (var round = 0; round < WarmUp + rounds; round++)
        {
            // every other round goes backwards: nobody always comes after the same neighbour
            foreach (var arm in round % 2 == 0 ? arms : arms.Reverse())
            {
                var value = await arm.MeasureAsync();
                if (round >= WarmUp)
                    _values[arm.Name].Add(value);
            }
        }
        Table.Write([unit, "minimum", "median", "maximum"],
            arms.Select(a => Row(a.Name, _values[a.Name], "0")));
        return this;
    }

    /// <param name="ratios">What is compared, by what, and the least that is asked for.</param>
    public void WriteRatios(params IReadOnlyList<Ratio> ratios) => Table.Write(
        ["ratio", "minimum", "median", "maximum", "target"],
        ratios.Select(r => (string[])[
            .. Row(r.Name, [.. _values[r.Ours].Zip(_values[r.Baseline], (o, b) => o / b)], "0.000"),
            r.Target?.ToString(CultureInfo.InvariantCulture) ?? "",
        ]));

    public double Median(string arm) => Median([.. _values[arm].Order()]);

    static string[] Row(string name, IReadOnlyList<double> values, string format)
    {
        var sorted = values.Order().ToList();
        return [name, .. new[] { sorted[0], Median(sorted), sorted[^1] }.Select(v =>
            v.ToString(format, CultureInfo.InvariantCulture))];
    }

    static double Median(List<double> sorted) =>
        (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;
}

/// <param name="Ours">The name of an arm, as the baseline's is.</param>
/// <param name="Target">Null: shown, and nothing asked for.</param>
sealed record Ratio(string Name, string Ours, string Baseline, double? Target = null);
