using System.Net;
using CloudPhone.Sidecar.Api;
using CloudPhone.Sidecar.Hosting;
using Microsoft.Extensions.Primitives;

namespace CloudPhone.Sidecar.Invocation;

/// <summary>Builds the request that goes on to an app or another sidecar.</summary>
sealed class Forwarding(SidecarOptions options)
{
    public const string Caller = "dapr-caller-app-id", CallerNamespace = "dapr-caller-namespace";
    public const string Callee = "dapr-callee-app-id";
    static readonly UriCreationOptions AsItIs = new() { DangerousDisablePathAndQueryCanonicalization = true };

    readonly string _address = HostAddress.Of(options.Environment);
    readonly string _host = Dns.GetHostName();

    /// <param name="pathAndQuery">Encoded.</param>
    public static HttpRequestMessage Create(
        HttpRequest from, string authority, string pathAndQuery, HttpContent? content)
    {
        var uri = new Uri($"http://{authority}{pathAndQuery}", AsItIs);
        var request = new HttpRequestMessage(HttpMethod.Parse(from.Method), uri) { Content = content };
        var connection = from.Headers.Connection;
        foreach (var (name, values) in from.Headers)
            if (HeaderRules.PassesToApp(name, connection))
                Add(request, HeaderRules.Canonical(name), values);
        return request;
    }

    /// <summary>
    /// On the way to another app: who calls whom, which the calling app can't choose, and the way so far.
    /// </summary>
    /// <param name="attempt">From 1; the runtime adds itself once more with each repetition.</param>
    public void AddPeerHeaders(HttpRequestMessage request, string target, int attempt)
    {
        Set(request, Caller, options.AppId);
        Set(request, CallerNamespace, options.Namespace);
        Set(request, Callee, target);
        Append(request, "X-Forwarded-For", _address, attempt);
        Append(request, "X-Forwarded-Host", _host, attempt);
        Append(request, "Forwarded", $"for={_address};by={_address};host={_host}", attempt);
    }

    /// <summary>An app that calls itself is nobody's caller, whatever the request claims.</summary>
    public static void DropPeerHeaders(HttpRequestMessage request)
    {
        request.Headers.Remove(Caller);
        request.Headers.Remove(CallerNamespace);
        request.Headers.Remove(Callee);
    }

    public static void SetTrace(HttpRequestMessage request, string traceparent) =>
        Set(request, TraceContext.ParentHeader, traceparent);

    static void Set(HttpRequestMessage request, string name, string value)
    {
        request.Headers.Remove(name);
        request.Headers.TryAddWithoutValidation(name, value);
    }

    static void Append(HttpRequestMessage request, string name, string value, int times)
    {
        var all = string.Join(',', Enumerable.Repeat(value, times));
        if (request.Headers.NonValidated.TryGetValues(name, out var before))
            all = $"{string.Join(',', before)},{all}";
        Set(request, name, all);
    }

    static void Add(HttpRequestMessage request, string name, StringValues values)
    {
        if (values.Count == 1 ? request.Headers.TryAddWithoutValidation(name, values[0]!)
            : request.Headers.TryAddWithoutValidation(name, (IEnumerable<string>)values!))
            return;
        request.Content?.Headers.TryAddWithoutValidation(name, (IEnumerable<string>)values!);
    }
}
