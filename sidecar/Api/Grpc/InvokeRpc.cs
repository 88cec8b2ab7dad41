using System.Text;
using CloudPhone.Sidecar.Hosting;
using CloudPhone.Sidecar.Invocation;
using CloudPhone.Sidecar.Resiliency;
using Dapr.Client.Autogen.Grpc.v1;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.AspNetCore.Http.Features;

namespace CloudPhone.Sidecar.Api.Grpc;

/// <summary>InvokeService: the same call as by HTTP, to apps that speak HTTP.</summary>
sealed class InvokeRpc(SidecarOptions options, ServiceInvoker invoker, ResiliencyPolicies policies, TraceContext traces)
{
    async Task<InvokeResponse> InvokeAsync(InvokeServiceRequest request, ServerCallContext call)
    {
        if (request.Id.Length == 0 || request.Message is null)
            throw new RpcException(new(StatusCode.InvalidArgument, "id and message are required"));
        using var answer = new MemoryStream();
        var http = Request(request, call);
        http.Response.Body = answer;
        await InvocationEndpoint.HandleAsync(http, options, invoker, policies, traces);
        call.CancellationToken.ThrowIfCancellationRequested();
        await http.Response.BodyWriter.FlushAsync(call.CancellationToken);
        if (http.Response.StatusCode is < 200 or > 299)
            throw new RpcException(new(Code(http.Response.StatusCode), Reason(http.Response.StatusCode, answer)));
        return new()
        {
            ContentType = http.Response.ContentType ?? "",
            Data = new() { Value = UnsafeByteOperations.UnsafeWrap(answer.ToArray()) },
        };
    }

    static DefaultHttpContext Request(InvokeServiceRequest request, ServerCallContext call)
    {
        var message = request.Message;
        var verb = message.HttpExtension?.Verb is { } v and not HTTPExtension.Types.Verb.None
            ? v.ToString().ToUpperInvariant() : "POST";
        var query = message.HttpExtension?.Querystring is { Length: > 0 } q ? "?" + q.TrimStart('?') : "";
        var body = message.Data?.Value.ToByteArray() ?? [];
        var http = new DefaultHttpContext { RequestAborted = call.CancellationToken };
        var feature = http.Features.GetRequiredFeature<IHttpRequestFeature>();
        feature.Method = verb;
        feature.RawTarget = $"/v1.0/invoke/{request.Id}/method/{message.Method.TrimStart('/')}{query}";
        feature.Body = new MemoryStream(body);
        foreach (var header in call.RequestHeaders)
            if (!header.IsBinary && !header.Key.StartsWith("grpc-", StringComparison.Ordinal)
                && header.Key is not ("content-type" or "te" or "user-agent"))
                http.Request.Headers.Append(header.Key, header.Value);
        http.Request.ContentLength = body.Length;
        if (message.ContentType.Length > 0)
            http.Request.ContentType = message.ContentType;
        return http;
    }

    static StatusCode Code(int status) => status switch
    {
        400 => StatusCode.InvalidArgument,
        401 => StatusCode.Unauthenticated,
        403 => StatusCode.PermissionDenied,
        404 => StatusCode.NotFound,
        408 => StatusCode.Cancelled,
        409 => StatusCode.AlreadyExists,
        412 => StatusCode.FailedPrecondition,
        429 => StatusCode.ResourceExhausted,
        500 => StatusCode.Internal,
        501 => StatusCode.Unimplemented,
        503 => StatusCode.Unavailable,
        504 => StatusCode.DeadlineExceeded,
        _ => StatusCode.Unknown,
    };

    static string Reason(int status, MemoryStream answer) =>
        answer.Length > 0 ? Encoding.UTF8.GetString(answer.GetBuffer(), 0, (int)answer.Length)
            : $"the app answered {status}";

    public sealed class Methods : DaprMethods<InvokeRpc>
    {
        protected override void AddMethods() =>
            Add<InvokeServiceRequest, InvokeResponse>("InvokeService", (s, r, c) => s.InvokeAsync(r, c));
    }
}
