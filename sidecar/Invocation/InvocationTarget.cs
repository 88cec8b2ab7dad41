using System.Text;
using CloudPhone.Sidecar.Hosting;
using Grpc.Core;
using Microsoft.AspNetCore.Http.Features;

namespace CloudPhone.Sidecar.Invocation;

/// <summary>Whom a call is for and what of.</summary>
/// <param name="Typed">The app id as the caller wrote it, which resiliency targets go by: <c>id</c> or
/// <c>id.namespace</c>.</param>
/// <param name="AppId">The app id alone.</param>
/// <param name="Path">The decoded, clean path; begins with a slash.</param>
/// <param name="Query">As it came, with its question mark; may be empty.</param>
sealed record InvocationTarget(string Typed, string AppId, string Path, string Query)
{
    public const string Header = "dapr-app-id";
    const string InvokePrefix = "/v1.0/invoke/", BasicPrefix = "Basic ";

    /// <summary>By header, else by basic authentication, else by path.</summary>
    /// <exception cref="ApiException">None of them names an app.</exception>
    /// <exception cref="InvocationException">It can't be called so.</exception>
    public static InvocationTarget Read(HttpContext http)
    {
        var (raw, query) = Split(http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget);
        var path = raw.Contains('%') ? Uri.UnescapeDataString(raw) : raw;
        var typed = http.Request.Headers[Header].ToString();
        if (typed.Length == 0)
            typed = FromBasic(http.Request) ?? "";
        if (typed.Length == 0)
            (typed, path) = FromPath(path);
        if (typed.Length == 0)
            throw new ApiException(404, StatusCode.NotFound, InvocationException.ErrorCode,
                "failed getting app id either from the URL path or the header dapr-app-id");
        var parts = typed.Split('.');
        if (parts.Length > 2 || parts[0].Length == 0)
            throw new InvocationException($"invalid app id {typed}") { Target = typed };
        if (!MethodPath.IsValid(path))
            throw new InvocationException("rpc error: code = InvalidArgument desc = invalid method") { Target = typed };
        return new(typed, parts[0], MethodPath.Clean(path), query);
    }

    /// <summary>
    /// The app id of an <c>Authorization</c> header that is meant for the sidecar and not for the app.
    /// </summary>
    public static string? FromBasic(HttpRequest request)
    {
        var given = request.Headers.Authorization.ToString();
        if (!given.StartsWith(BasicPrefix, StringComparison.OrdinalIgnoreCase))
            return null;
        var bytes = new byte[given.Length];
        if (!Convert.TryFromBase64String(given[BasicPrefix.Length..].Trim(), bytes, out var length))
            return null;
        var text = Encoding.UTF8.GetString(bytes, 0, length);
        return text.StartsWith(Header + ":", StringComparison.Ordinal) ? text[(Header.Length + 1)..] : null;
    }

    static (string Typed, string Path) FromPath(string decoded)
    {
        var at = 0;
        while (at + 1 < decoded.Length && decoded[at + 1] == '/')
            at++;
        if (!decoded.AsSpan(at).StartsWith(InvokePrefix, StringComparison.Ordinal))
            return ("", decoded);
        var rest = decoded.AsSpan(at + InvokePrefix.Length).TrimStart('/');
        var slash = rest.IndexOf('/');
        if (slash <= 0)
            return ("", decoded);
        var method = rest[slash..].TrimStart('/');
        return method.StartsWith("method", StringComparison.Ordinal) && (method.Length == 6 || method[6] == '/')
            ? (rest[..slash].ToString(), method[6..].ToString())
            : ("", decoded);
    }

    static (string Path, string Query) Split(string target)
    {
        if (!target.StartsWith('/') && target.IndexOf("://", StringComparison.Ordinal) is > 0 and var scheme)
            target = target.IndexOf('/', scheme + 3) is > 0 and var slash ? target[slash..] : "/";
        var at = target.IndexOf('?');
        return at < 0 ? (target, "") : (target[..at], target[at..]);
    }
}
