using CloudPhone.Sidecar.Resources;

namespace CloudPhone.Sidecar.Bindings;

/// <summary>What every binding's metadata may say about its way to the app.</summary>
static class InputRoute
{
    const string RouteKey = "route", DirectionKey = "direction";

    /// <summary>Called by a binding when it is created, so that these fields are known.</summary>
    public static void Know(Component component) => _ = (component.Metadata.Get(RouteKey), Directions(component));

    public static string Path(Component component) =>
        "/" + component.Metadata.Get(RouteKey, component.Name).TrimStart('/');

    /// <summary>Input or output as the component says; empty: it says nothing, and the app is asked.</summary>
    public static IReadOnlyList<string> Directions(Component component)
    {
        var text = component.Metadata.Get(DirectionKey, "");
        var directions = text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return Array.TrueForAll(directions, d => d is "input" or "output") ? directions
            : throw component.Metadata.Wrong(DirectionKey, $"must be input, output or both, not '{text}'");
    }
}
