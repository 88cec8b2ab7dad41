namespace CloudPhone.Sidecar.Bindings;

/// <summary>What goes through a binding, in either direction.</summary>
/// <param name="Data">Null: nothing, which is not the same as no bytes.</param>
sealed record BindingData(byte[]? Data, IReadOnlyDictionary<string, string> Metadata);

/// <summary>A way out: POST /v1.0/bindings/{name}.</summary>
interface IOutputBinding
{
    /// <summary>The words that <see cref="InvokeAsync"/> takes; others are refused before it.</summary>
    IReadOnlyList<string> Operations { get; }

    /// <summary>Null data in the answer: nothing to return (204 by HTTP).</summary>
    Task<BindingData> InvokeAsync(string operation, BindingData request, CancellationToken ct);
}

/// <summary>A way in: the app is called at a route of the component's name.</summary>
interface IInputBinding
{
    /// <summary>Calls <paramref name="deliver"/> for each event until the token fires. A failed delivery is the
    /// component's to handle.</summary>
    Task ReadAsync(Func<BindingData, CancellationToken, Task> deliver, CancellationToken ct);
}
