namespace CloudPhone.Apps.Storage;

/// <summary>
/// Puts, gets and deletes named parts through the Dapr output binding <c>appstore</c>: a folder or a bucket, as its
/// component says. Time-outs and repetitions are the sidecar's.
/// </summary>
sealed class AppStore(HttpClient http)
{
    /// <summary>Longer than the sidecar's policy for it with all its repetitions.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromMinutes(1);
    /// <summary>What local storage says, this repository's and the runtime's; S3 says nothing.</summary>
    static readonly string[] IsGone = ["file not found: ", ": no such file or directory"];
    static readonly Uri Address = new("/v1.0/bindings/appstore", UriKind.Relative);

    /// <summary>Returns once the store has it. The same name again replaces it.</summary>
    /// <exception cref="StoreException">It may or may not be there. So for the others.</exception>
    public async Task PutAsync(string name, ReadOnlyMemory<byte> part, CancellationToken ct)
    {
        using var answer = await SendAsync("create", name, part, ct);
        if (!answer.IsSuccessStatusCode)
            throw await RefusedAsync(answer, ct);
    }

    /// <summary>Fills the buffer with the part, which must be as long as that.</summary>
    public async Task GetAsync(string name, Memory<byte> part, CancellationToken ct)
    {
        using var answer = await SendAsync("get", name, default, ct);
        if (!answer.IsSuccessStatusCode)
            throw await RefusedAsync(answer, ct);
        try
        {
            await using var body = await answer.Content.ReadAsStreamAsync(ct);
            await body.ReadExactlyAsync(part, ct);
            if (await body.ReadAsync(new byte[1], ct) > 0)
                throw new StoreException($"The part {name} is longer than it was.");
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            throw new StoreException($"The part {name} did not come whole: {e.Message}", e);
        }
    }

    /// <summary>One that is not there is deleted already: a process that died may have done it.</summary>
    public async Task DeleteAsync(string name, CancellationToken ct)
    {
        using var answer = await SendAsync("delete", name, default, ct);
        if (answer.IsSuccessStatusCode)
            return;
        var refused = await RefusedAsync(answer, ct);
        if (!Array.Exists(IsGone, said => refused.Message.Contains(said, StringComparison.Ordinal)))
            throw refused;
    }

    async Task<HttpResponseMessage> SendAsync(
        string operation, string name, ReadOnlyMemory<byte> part, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Address);
        request.Content = new BindingContent(operation, name, part);
        try
        {
            return await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct);
        }
        catch (Exception e) when (
            e is HttpRequestException || (e is TaskCanceledException && !ct.IsCancellationRequested))
        {
            throw new StoreException($"The sidecar can't be reached: {e.Message}", e);
        }
    }

    static async Task<StoreException> RefusedAsync(HttpResponseMessage answer, CancellationToken ct) =>
        new($"The store answered {(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync(ct)}");
}
