namespace CloudPhone.Sidecar.Bindings;

public sealed record BindingData(byte[]? Data, IReadOnlyDictionary<string, string> Metadata);

public interface IOutputBinding
{
    IReadOnlyList<string> Operations { get; }

    /// <summary>Null data in the answer: nothing to return (204 by HTTP).</summary>
    Task<BindingData> InvokeAsync(string operation, BindingData request, CancellationToken ct);
}

public interface IInputBinding
{
    /// <summary>Calls <paramref name="deliver"/> for each event until the token fires. A failed delivery is the
    /// component's to handle.</summary>
    Task ReadAsync(Func<BindingData, CancellationToken, Task> deliver, CancellationToken ct);
}
