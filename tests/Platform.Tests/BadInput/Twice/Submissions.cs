namespace CloudPhone.Platform.Tests.BadInput.Twice;

/// <summary>
/// A right request for each change that the services' documents tell of, in an order in which one leaves what the next
/// needs. A new route needs one here.
/// </summary>
static class Submissions
{
    public static IReadOnlyList<(string Name, Submission Submission)> All { get; } =
        [.. OfAccounts.All, .. OfPhones.All, .. OfMoney.All, .. OfTheRest.All];
}
