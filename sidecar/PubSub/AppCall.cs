namespace CloudPhone.Sidecar.PubSub;

/// <summary>The token of one request to the app: it ends with the policy's time-out and with the time of grace, but
/// not when deliveries only stop, so that the app's answer still counts.</summary>
sealed class AppCall : IDisposable
{
    readonly CancellationTokenSource _source;
    readonly CancellationTokenRegistration _timeout;

    public AppCall(DeliveryLife life, CancellationToken timeout, CancellationToken broker)
    {
        life.Stopping.ThrowIfCancellationRequested();
        _source = CancellationTokenSource.CreateLinkedTokenSource(life.Abandoned, broker);
        _timeout = timeout.Register(() =>
        {
            if (!life.Stopping.IsCancellationRequested)
                _source.Cancel();
        });
    }

    public CancellationToken Token => _source.Token;

    public void Dispose()
    {
        _timeout.Dispose();
        _source.Dispose();
    }
}
