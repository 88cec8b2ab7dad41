namespace CloudPhone.Sidecar.Resiliency;

/// <summary>What the strategies see of an attempt's result, whatever its type.</summary>
interface IAttempted
{
    int? Failure { get; }
}

/// <summary>A result with its verdict. Polly disposes those that a repetition replaces.</summary>
sealed record Attempted<T>(T Result, int? Failure) : IAttempted, IDisposable
{
    public void Dispose() => (Result as IDisposable)?.Dispose();
}
