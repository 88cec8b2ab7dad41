using System.Globalization;
using System.Net;
using System.Threading.RateLimiting;
using CloudPhone.Shared.Auth;
using CloudPhone.Shared.Http;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.AspNetCore.RateLimiting;

namespace CloudPhone.Gateway.Limits;

/// <summary>
/// How much one user, or one address without a token, may ask for. What is over gets 429 with Retry-After.
/// </summary>
static class RateLimits
{
    public const string Standard = nameof(Standard);
    /// <summary>Registering, logging in and refreshing: guesses are made here.</summary>
    public const string Login = nameof(Login);

    public static void AddRateLimits(this WebApplicationBuilder builder)
    {
        var options = new GatewayOptions(builder.Configuration);
        builder.Services.Configure<ForwardedHeadersOptions>(o =>
        {
            o.ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto;
            o.KnownIPNetworks.Clear();
            o.KnownProxies.Clear();
            foreach (var proxy in options.TrustedProxies)
                o.KnownProxies.Add(proxy);
        });
        if (options.TrustedProxies.Count > 0)
            builder.Services.AddSingleton<IStartupFilter, ForwardedHeadersFirst>();
        builder.Services.AddRateLimiter(limiter =>
        {
            limiter.AddPolicy(Standard, http => CurrentUser.From(http.User) is { } user
                ? Bucket("user " + user.Id, options.UserRequestsPerSecond, TimeSpan.FromSeconds(1),
                    options.UserRequestsPerSecond * 2)
                : Bucket("address " + Address(http), options.IpRequestsPerSecond, TimeSpan.FromSeconds(1),
                    options.IpRequestsPerSecond * 2));
            limiter.AddPolicy(Login, http =>
                Bucket("login " + Address(http), options.LoginsPerMinute, TimeSpan.FromMinutes(1),
                    options.LoginsPerMinute));
            limiter.OnRejected = RefuseAsync;
        });
    }

    /// <summary>Refilled in tenths of the period, so that a waiting caller doesn't wait for the whole of it.</summary>
    public static RateLimitPartition<string> Bucket(string key, int tokens, TimeSpan period, int atOnce) =>
        RateLimitPartition.GetTokenBucketLimiter(key, _ => new()
        {
            TokenLimit = atOnce, TokensPerPeriod = Math.Max(1, tokens / 10), AutoReplenishment = true,
            ReplenishmentPeriod = period * (Math.Max(1, tokens / 10) / (double)tokens), QueueLimit = 0,
        });

    /// <summary>A provider gives its customers whole IPv6 networks, so these count as one.</summary>
    public static string Address(HttpContext http)
    {
        var address = http.Connection.RemoteIpAddress ?? IPAddress.None;
        if (address.IsIPv4MappedToIPv6)
            address = address.MapToIPv4();
        return address.GetAddressBytes() is { Length: 16 } bytes ? Convert.ToHexString(bytes, 0, 8)
            : address.ToString();
    }

    static async ValueTask RefuseAsync(OnRejectedContext context, CancellationToken ct)
    {
        var wait = context.Lease.TryGetMetadata(MetadataName.RetryAfter, out var after) ? after
            : TimeSpan.FromSeconds(1);
        var seconds = (int)Math.Max(1, Math.Ceiling(wait.TotalSeconds));
        context.HttpContext.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        await Problems.Of(429, "too-many-requests", $"That was too much at once; try again in {seconds} s.")
            .ExecuteAsync(context.HttpContext);
    }

    sealed class ForwardedHeadersFirst : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.UseForwardedHeaders();
            next(app);
        };
    }
}
