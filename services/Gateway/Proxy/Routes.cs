using CloudPhone.Contracts;

namespace CloudPhone.Gateway.Proxy;

/// <summary>Which service owns which paths. The path itself reaches the service as it came.</summary>
static class Routes
{
    /// <summary>The first segment after /api/.</summary>
    public static readonly IReadOnlyDictionary<string, string> Owners = new Dictionary<string, string>
    {
        ["auth"] = AppIds.Users,
        ["users"] = AppIds.Users,
        ["quotas"] = AppIds.Users,
        ["devices"] = AppIds.Devices,
        ["apps"] = AppIds.Apps,
        ["scheduler"] = AppIds.Scheduler,
        ["billing"] = AppIds.Billing,
        ["notifications"] = AppIds.Notifications,
        ["media"] = AppIds.Media,
    };

    /// <summary>WebSockets can't pass a sidecar: these go straight to the service's configured address.</summary>
    public static readonly IReadOnlyDictionary<string, string> WebSocketOwners = new Dictionary<string, string>
    {
        ["notifications"] = AppIds.Notifications,
        ["media"] = AppIds.Media,
    };

    /// <summary>Sockets that are opened with a token of their own, which the service looks at: guests have no other.
    /// </summary>
    public static readonly IReadOnlySet<string> AnonymousSockets = new HashSet<string> { "media" };

    /// <summary>Pages and scripts, which hold no secret.</summary>
    public static readonly IReadOnlyDictionary<string, string> Pages = new Dictionary<string, string>
    {
        ["/player/{**rest}"] = AppIds.Media,
    };

    /// <summary>Files of phones and films of them, which may take longer than a sidecar waits: straight to the service,
    /// and sent once.</summary>
    public static readonly IReadOnlyDictionary<string, string> Direct = new Dictionary<string, string>
    {
        ["/api/devices/{id:guid}/files/{**rest}"] = AppIds.Devices,
        ["/api/media/recordings/{id:guid}/file"] = AppIds.Media,
    };

    /// <summary>Files that go through the sidecars, and are in the store before they are answered.</summary>
    public static readonly IReadOnlyDictionary<string, string> Uploads = new Dictionary<string, string>
    {
        ["/api/apps"] = AppIds.Apps,
        ["/api/apps/{id:guid}/versions"] = AppIds.Apps,
    };

    /// <summary>Reads of large files that go through the sidecars: by the alias whose time-out has room for
    /// them.</summary>
    public static readonly IReadOnlyDictionary<string, string> LargeReads = new Dictionary<string, string>
    {
        ["/api/apps/{id:guid}/versions/{versionId:guid}/file"] = AppIds.Apps,
    };

    /// <summary>
    /// Open without a token: the service itself decides, by password, refresh token, a provider's
    /// signature or an id that nobody can guess.
    /// </summary>
    public static readonly IReadOnlyList<string> Anonymous =
    [
        "/api/auth/{**rest}",
        "/api/billing/payments/callback/{provider}",
        "/api/billing/sandbox/pay/{paymentId}",
        "/api/media/shared-sessions",
    ];

    /// <summary>Of those, where whoever has no secret yet may try: an address gets few tries a minute.</summary>
    public static readonly IReadOnlySet<string> ByGuessers =
        new HashSet<string> { "/api/auth/{**rest}", "/api/media/shared-sessions" };

    /// <summary>Made for sibling services: from outside they don't exist.</summary>
    public static readonly IReadOnlyList<string> ServiceOnly =
    [
        "/api/quotas/user/{userId}/usage",
        "/api/quotas/batch-usage",
    ];

    public static bool IsServiceOnly(string openApiPath) =>
        openApiPath.StartsWith("/internal/", StringComparison.Ordinal) || ServiceOnly.Contains(openApiPath);
}
