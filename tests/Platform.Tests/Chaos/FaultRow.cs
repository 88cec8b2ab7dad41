using System.Globalization;

namespace CloudPhone.Platform.Tests.Chaos;

/// <summary>One line of the table.</summary>
/// <param name="Acknowledged">Events that the publisher said were committed.</param>
/// <param name="InFlight">Committed and not handled when the fault came.</param>
/// <param name="Lost">Committed or acknowledged, and never handled.</param>
/// <param name="Doubled">Handled more than once.</param>
/// <param name="SentAgain">Sendings beyond the first of each event.</param>
/// <param name="Recovery">From the end of the fault to an empty backlog.</param>
sealed record FaultRow(
    string Fault, int Acknowledged, long InFlight, int Lost, int Doubled, long SentAgain, TimeSpan Recovery)
{
    public const string Head =
        "| fault                                           | events | in flight | lost | doubled | sent again | empty after |";

    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"| {Fault,-47} | {Acknowledged,6} | {InFlight,9} | {Lost,4} | {Doubled,7} | {SentAgain,10} | {Recovery.TotalSeconds,9:0.0} s |");
}
