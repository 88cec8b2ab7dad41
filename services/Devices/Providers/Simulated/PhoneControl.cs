using System.Globalization;
using System.Net;
using System.Text.Json;

namespace CloudPhone.Devices.Providers.Simulated;

/// <summary>Speaks with the control ports of simulated phones.</summary>
sealed class PhoneControl : IDisposable
{
    const string TokenHeader = "X-Phone-Token";
    static readonly TimeSpan ShortLimit = TimeSpan.FromSeconds(2);
    readonly HttpClient _http = new(new SocketsHttpHandler
    {
        UseProxy = false, AllowAutoRedirect = false, UseCookies = false, ActivityHeadersPropagator = null,
        ConnectTimeout = ShortLimit, PooledConnectionIdleTimeout = TimeSpan.FromSeconds(90),
    })
    { Timeout = Timeout.InfiniteTimeSpan };

    public static Uri Endpoint(PhoneRun run) => new($"http://127.0.0.1:{run.Port}/");

    /// <returns>Null where this phone doesn't answer; whoever else does at its port is not it.</returns>
    public async Task<Status?> StatusAsync(Guid id, PhoneRun run, string token, CancellationToken ct)
    {
        try
        {
            using var limit = Limit(ShortLimit, ct);
            using var response = await SendAsync(HttpMethod.Get, run, "status", token, null, limit.Token);
            if (response.StatusCode != HttpStatusCode.OK)
                return null;
            var status = await response.Content.ReadFromJsonAsync<Status>(limit.Token);
            return status?.DeviceId == id ? status : null;
        }
        catch (Exception e) when (IsNoAnswer(e, ct))
        {
            return null;
        }
    }

    /// <returns>False where it did not answer.</returns>
    public async Task<bool> PowerOffAsync(PhoneRun run, string token, CancellationToken ct)
    {
        try
        {
            using var limit = Limit(ShortLimit, ct);
            using var response = await SendAsync(HttpMethod.Post, run, "power/off", token, null, limit.Token);
            return response.StatusCode == HttpStatusCode.OK;
        }
        catch (Exception e) when (IsNoAnswer(e, ct))
        {
            return false;
        }
    }

    /// <exception cref="ProviderException">It refused, or could not be reached.</exception>
    public async Task InstallAsync(PhoneRun run, string token, PackageSpec package, Stream apk, CancellationToken ct)
    {
        using var content = new StreamContent(apk);
        content.Headers.ContentLength = package.Size;
        content.Headers.Add("X-Package-Name", package.PackageName);
        content.Headers.Add("X-Package-Version", Uri.EscapeDataString(package.Version));
        content.Headers.Add("X-Package-Version-Code", package.VersionCode.ToString(CultureInfo.InvariantCulture));
        content.Headers.Add("X-Package-Sha256", package.Sha256);
        try
        {
            using var response = await SendAsync(HttpMethod.Post, run, "packages", token, content, ct);
            if (response.IsSuccessStatusCode)
                return;
            var error = await response.Content.ReadFromJsonAsync<Refusal>(ct);
            throw new ProviderException(
                error?.Error ?? "The phone refused the app.",
                permanent: response.StatusCode == HttpStatusCode.UnprocessableEntity);
        }
        catch (Exception e) when (IsNoAnswer(e, ct))
        {
            throw new ProviderException("The phone did not take the app.", e);
        }
    }

    /// <exception cref="ProviderException">It could not be reached.</exception>
    public async Task<IReadOnlyList<PackageSpec>> PackagesAsync(PhoneRun run, string token, CancellationToken ct)
    {
        try
        {
            using var limit = Limit(ShortLimit, ct);
            using var response = await SendAsync(HttpMethod.Get, run, "packages", token, null, limit.Token);
            return (await response.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<Packages>(limit.Token))!.Items;
        }
        catch (Exception e) when (IsNoAnswer(e, ct))
        {
            throw new ProviderException("The phone did not answer.", e);
        }
    }

    async Task<HttpResponseMessage> SendAsync(
        HttpMethod method, PhoneRun run, string path, string token, HttpContent? content, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(method, new Uri(Endpoint(run), path)) { Content = content };
        request.Headers.Add(TokenHeader, token);
        return await _http.SendAsync(request, ct);
    }

    static CancellationTokenSource Limit(TimeSpan limit, CancellationToken ct)
    {
        var source = CancellationTokenSource.CreateLinkedTokenSource(ct);
        source.CancelAfter(limit);
        return source;
    }

    static bool IsNoAnswer(Exception e, CancellationToken ct) =>
        e is HttpRequestException or IOException or JsonException or NotSupportedException
        || (e is OperationCanceledException && !ct.IsCancellationRequested);

    public void Dispose() => _http.Dispose();

    public sealed record Status(Guid DeviceId, string Power, bool Booted);

    sealed record Packages(IReadOnlyList<PackageSpec> Items);

    sealed record Refusal(string Error);
}
