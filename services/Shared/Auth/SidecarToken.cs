using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CloudPhone.Shared.Auth;

sealed class SidecarTokenOptions : AuthenticationSchemeOptions
{
    /// <summary>
    /// APP_API_TOKEN. Without one nobody passes: an open events route would let anybody forge events.
    /// </summary>
    public string? Token { get; set; }
}

/// <summary>Checks the header by which the sidecar shows that a call is its own. Compared in constant time.</summary>
sealed class SidecarTokenHandler(
    IOptionsMonitor<SidecarTokenOptions> options, ILoggerFactory logger, UrlEncoder encoder)
    : AuthenticationHandler<SidecarTokenOptions>(options, logger, encoder)
{
    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (Request.Headers["dapr-api-token"] is not [{ Length: > 0 } given]
            || Options.Token is not { Length: > 0 } expected)
            return Task.FromResult(AuthenticateResult.NoResult());
        if (!CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(given), Encoding.UTF8.GetBytes(expected)))
            return Task.FromResult(AuthenticateResult.Fail("wrong sidecar token"));
        // a sidecar shows this token with what other apps call through it as well
        if ((Request.Path.StartsWithSegments("/events") || Request.Path.StartsWithSegments("/actors"))
            && Request.Headers.ContainsKey("dapr-callee-app-id"))
            return Task.FromResult(AuthenticateResult.Fail("an event or actor's call that another app sent"));
        var identity = new ClaimsIdentity([new("sidecar", "true")], Scheme.Name);
        return Task.FromResult(AuthenticateResult.Success(new(new(identity), Scheme.Name)));
    }
}
