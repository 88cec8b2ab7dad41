using CloudPhone.Sidecar.NameResolution;
using CloudPhone.Sidecar.Resiliency;

namespace CloudPhone.Sidecar.Invocation;

/// <summary>One call under its policy: its attempts and, where no attempt succeeds, the last answer.</summary>
sealed class InvocationCall(
    HttpContext http, InvocationTarget target, RequestBody body, PolicyRunner policy, ServiceInvoker invoker,
    string? traceparent)
{
    readonly string _pathAndQuery = Encode(target);
    int _attempts;
    HttpResponseMessage? _answer;
    bool _delivered;

    /// <exception cref="InvocationException">No app answered.</exception>
    public async Task RunAsync()
    {
        var ct = http.RequestAborted;
        try
        {
            await policy.RunAsync(AttemptAsync, static status => status is < 200 or > 399 ? status : null, ct);
        }
        catch (PermanentException) when (_answer is not null && !_delivered)
        {
            // A failing answer that can't be asked for again is still the answer.
        }
        try
        {
            if (!_delivered)
                await ResponseWriter.CopyAsync(_answer!, http.Response, traceparent, ct);
        }
        finally
        {
            _answer?.Dispose();
        }
    }

    async Task<int> AttemptAsync(CancellationToken ct)
    {
        _answer?.Dispose();
        _answer = null;
        _attempts++;
        try
        {
            _answer = await invoker.SendAsync(target, SendAsync, ct);
        }
        catch (OperationCanceledException e) when (body.IsUsedUp && !http.RequestAborted.IsCancellationRequested)
        {
            throw new PermanentException("context deadline exceeded", e);
        }
        catch (InvocationException e) when (body.IsUsedUp)
        {
            throw new PermanentException(e.Message, e);
        }
        var status = (int)_answer.StatusCode;
        if (status is >= 200 and <= 399)
            await DeliverAsync(_answer, ct);
        else if (body.IsUsedUp)
            throw new PermanentException($"the app answered {status}");
        else if (policy.Repeats)
            await _answer.Content.LoadIntoBufferAsync(ct);
        return status;
    }

    /// <summary>
    /// Within the attempt, so that a time-out covers the body; what breaks from here on can't be repeated.
    /// </summary>
    async Task DeliverAsync(HttpResponseMessage answer, CancellationToken ct)
    {
        _delivered = true;
        try
        {
            await ResponseWriter.CopyAsync(answer, http.Response, traceparent, ct);
        }
        catch (Exception e) when (e is not OperationCanceledException || !http.RequestAborted.IsCancellationRequested)
        {
            throw new PermanentException(e is OperationCanceledException ? "context deadline exceeded" : e.Message, e);
        }
        finally
        {
            answer.Dispose();
        }
    }

    async Task<HttpResponseMessage> SendAsync(PeerAddress peer, CancellationToken ct)
    {
        using var request = Forwarding.Create(http.Request, peer.Authority, _pathAndQuery, body.ToContent());
        if (InvocationTarget.FromBasic(http.Request) is not null)
            request.Headers.Remove("Authorization");
        if (traceparent is not null)
            Forwarding.SetTrace(request, traceparent);
        return await invoker.SendAsync(request, target, peer, body, _attempts, ct);
    }

    static string Encode(InvocationTarget target)
    {
        try
        {
            return MethodPath.Encode(target.Path) + target.Query;
        }
        catch (FormatException e)
        {
            throw InvocationException.AppNotReached(e.Message, e);
        }
    }
}
