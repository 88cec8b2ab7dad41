namespace CloudPhone.Platform.Tests.BadInput.Twice;

/// <summary>Sends one request, the same each time; under a key where there is one.</summary>
delegate Task<HttpResponseMessage> Send(string? key);

/// <summary>A change that is right, and what keeps it from taking effect twice.</summary>
/// <param name="Grows">
/// The table of the service's database that has one row more afterwards, with a condition or without; null: it changes
/// what is there.
/// </param>
/// <param name="IsKept">Under an Idempotency-Key its answer is repeated.</param>
/// <param name="ByNature">Without a key it takes effect once as well.</param>
/// <param name="PrepareAsync">Makes what it is about, anew for each key.</param>
sealed record Submission(string? Grows, bool IsKept, bool ByNature, Func<Submitter, Task<Send>> PrepareAsync)
{
    /// <summary>Nothing like what it is about is there: the refusal is the answer.</summary>
    public bool IsRefused { get; init; }

    /// <summary>Real configurations have none of it unless they say so.</summary>
    public bool IsOfEmbedded { get; init; }

    /// <summary>Only a key keeps it from happening again.</summary>
    public static Submission ByKey(string? grows, Func<Submitter, Task<Send>> prepare) =>
        new(grows, IsKept: true, ByNature: false, prepare);

    /// <summary>What is so already is not done again.</summary>
    public static Submission Once(string? grows, Func<Submitter, Task<Send>> prepare) =>
        new(grows, IsKept: true, ByNature: true, prepare);

    /// <summary>Nothing is kept of it, as it would be tokens, or as it has a key of its own.</summary>
    public static Submission Unkept(string? grows, Func<Submitter, Task<Send>> prepare) =>
        new(grows, IsKept: false, ByNature: true, prepare);

    /// <summary>Each is to take effect.</summary>
    public static Submission EachCounts { get; } = new(null, IsKept: false, ByNature: false,
        _ => throw new InvalidOperationException("It is not sent."));
}
