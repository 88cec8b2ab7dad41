namespace CloudPhone.Shared.Hosting;

/// <summary>Which service this process is.</summary>
/// <param name="AppId">Its Dapr app id, like <c>device-service</c>; one of <see cref="Contracts.AppIds"/>.</param>
public sealed record ServiceIdentity(string AppId)
{
    /// <summary>The plural word that its dead-letter topic is named by: <c>cloudphone.devices.dlx</c>.</summary>
    public string Plural => AppId.Replace("-service", "s", StringComparison.Ordinal);

    /// <summary>The word that its own events begin with: <c>device</c>.</summary>
    public string EventPrefix => AppId.Replace("-service", "", StringComparison.Ordinal);
}
