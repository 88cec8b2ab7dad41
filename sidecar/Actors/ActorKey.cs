using CloudPhone.Sidecar.Hosting;

namespace CloudPhone.Sidecar.Actors;

/// <summary>An actor: its type and id.</summary>
sealed record ActorKey(string Type, string Id)
{
    const string Separator = "||";

    /// <summary>Where the actor's path at the app begins.</summary>
    public string Path => $"actors/{Uri.EscapeDataString(Type)}/{Uri.EscapeDataString(Id)}";

    public string StateKey(string appId, string key) => string.Join(Separator, appId, Type, Id, key);

    /// <summary>Refuses names that would mean another path at the app or another actor's keys in the store.</summary>
    /// <exception cref="ApiException">400 ERR_MALFORMED_REQUEST</exception>
    public static ActorKey Of(string type, string id) => new(Check(type, "actor type"), Check(id, "actor id"));

    public static string Check(string name, string what) =>
        name is "" or "." or ".." || name.Contains(Separator, StringComparison.Ordinal)
            ? throw new ApiException(400, Grpc.Core.StatusCode.InvalidArgument, "ERR_MALFORMED_REQUEST",
                $"{what} '{name}' must not be empty, a dot or two, or contain '{Separator}'")
            : name;
}
