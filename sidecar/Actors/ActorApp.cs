using CloudPhone.Sidecar.App;

namespace CloudPhone.Sidecar.Actors;

/// <summary>The app's side of actors: a PUT for each call, a DELETE to deactivate.</summary>
sealed class ActorApp(AppChannel channel)
{
    /// <exception cref="AppUnavailableException">No app, or an ill one.</exception>
    /// <exception cref="HttpRequestException">The app can't be reached.</exception>
    public async Task<ActorAnswer> CallAsync(ActorCall call, CancellationToken ct)
    {
        using var message = new HttpRequestMessage(
            HttpMethod.Put, new Uri(channel.BaseAddress, $"{call.Actor.Path}/method/{call.Method}"))
        {
            Content = new ReadOnlyMemoryContent(call.Body),
        };
        foreach (var header in call.Headers)
            ActorHeaders.Add(message, header);
        using var answer = await channel.SendAsync(message, ct);
        return new((int)answer.StatusCode, await answer.Content.ReadAsByteArrayAsync(ct), ActorHeaders.Of(answer));
    }

    public async Task DeactivateAsync(ActorKey actor, CancellationToken ct)
    {
        using var message = new HttpRequestMessage(HttpMethod.Delete, new Uri(channel.BaseAddress, actor.Path));
        using var answer = await channel.SendAsync(message, ct);
        if (!answer.IsSuccessStatusCode)
            throw new ActorFailedException($"error from actor service: ({(int)answer.StatusCode})");
    }
}
