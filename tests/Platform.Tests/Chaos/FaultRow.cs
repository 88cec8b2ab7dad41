using System.Globalization;

namespace CloudPhone.Platform.Tests.Chaos;

/// <summary>One line of the table.</summary>
/// <param name="Committed">Events that the publisher has committed.</param>
/// <param name="InFlight">Committed and not handled when the fault came.</param>
/// <param name="Lost">Committed or acknowledged, and never handled.</param>
/// <param name="Doubled">Handled more than once.</param>
/// <param name="SentAgain">Sendings beyond the first of each event.</param>
/// <param name="Recovery">From the end of the fault to an empty backlog.</param>
/// <param name="Backlog">What was still there when the test gave up; null: nothing.</param>
sealed record FaultRow(
    string Fault, int Committed, long InFlight, int Lost, int Doubled, long SentAgain, TimeSpan Recovery,
    string? Backlog)
{
    public static readonly string Head =
        $"| {"fault",-47} | events | in flight | lost | doubled | sent again | empty after |";

    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"| {Fault,-47} | {Committed,6} | {InFlight,9} | {Lost,4} | {Doubled,7} | {SentAgain,10} | {Seconds,9:0.0} s |"
    );

    double Seconds => Recovery.TotalSeconds;
}
