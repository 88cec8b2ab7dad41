using CloudPhone.Sidecar.Hosting;
using CloudPhone.Sidecar.Resources;

namespace CloudPhone.Sidecar.State;

/// <summary>What stands before each key in a store, so that apps that share it do not meet.</summary>
static class KeyPrefix
{
    public const string Field = "keyPrefix";
    public const string Separator = "||";

    public static string Full(Component store, SidecarOptions options, string key)
    {
        if (key.Contains(Separator, StringComparison.Ordinal))
            throw new ApiException(400, Grpc.Core.StatusCode.InvalidArgument, "ERR_MALFORMED_REQUEST",
                $"failed deserializing HTTP body: input key/keyPrefix '{key}' can't contain '{Separator}'");
        return Of(store, options) is { } prefix ? prefix + Separator + key : key;
    }

    static string? Of(Component store, SidecarOptions options) => store.Metadata.Get(Field, "appid") switch
    {
        "appid" => options.AppId,
        "name" => store.Name,
        "namespace" => options.Environment.GetValueOrDefault("NAMESPACE") is { Length: > 0 } ns
            ? $"{ns}.{options.AppId}"
            : options.AppId,
        "none" => null,
        var literal => literal,
    };
}
