namespace CloudPhone.Sidecar.Resiliency;

/// <summary>The names under which default policies are looked for, the most particular first.</summary>
static class PolicyNames
{
    public static readonly string[] App = ["DefaultApp", "Default"];
    public static readonly string[] Actor = ["DefaultActor", "Default"];

    public static string[] Component(ComponentKind kind, Direction direction)
    {
        var type = kind switch
        {
            ComponentKind.PubSub => "Pubsub",
            ComponentKind.StateStore => "Statestore",
            ComponentKind.SecretStore => "Secretstore",
            _ => kind.ToString(),
        };
        return [$"Default{type}Component{direction}", $"DefaultComponent{direction}", "DefaultComponent", "Default"];
    }
}
