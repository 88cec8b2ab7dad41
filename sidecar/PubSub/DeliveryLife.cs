namespace CloudPhone.Sidecar.PubSub;

/// <summary>The time from one start of deliveries to their stop.</summary>
sealed class DeliveryLife : IDisposable
{
    readonly CancellationTokenSource _stopping = new(), _abandoned = new();

    /// <summary>Nothing new is tried; a request that the app has may still be answered.</summary>
    public CancellationToken Stopping => _stopping.Token;

    /// <summary>The time of grace is over.</summary>
    public CancellationToken Abandoned => _abandoned.Token;

    public Task StopAsync() => _stopping.CancelAsync();

    public void Abandon() => _abandoned.Cancel();

    public void Dispose()
    {
        _stopping.Dispose();
        _abandoned.Dispose();
    }
}
