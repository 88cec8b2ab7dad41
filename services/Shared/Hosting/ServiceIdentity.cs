namespace CloudPhone.Shared.Hosting;

/// <summary>Which service this process is.</summary>
/// <param name="AppId">Its Dapr app id, like <c>device-service</c>; one of <see cref="Contracts.AppIds"/>.</param>
public sealed record ServiceIdentity(string AppId)
{
    /// <summary>
    /// The word that its dead-letter topic is named by, as in <c>cloudphone.devices.dlx</c>: that of its routes.
    /// </summary>
    public string Word => AppId switch
    {
        Contracts.AppIds.Scheduler => "scheduler",
        Contracts.AppIds.Billing => "billing",
        Contracts.AppIds.Media => "media",
        _ => EventPrefix + "s",
    };

    /// <summary>The word that its own events begin with: <c>device</c>.</summary>
    public string EventPrefix => AppId.Replace("-service", "", StringComparison.Ordinal);
}
