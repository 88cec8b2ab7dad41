namespace CloudPhone.Sidecar.Resiliency;

public enum ComponentKind { PubSub, StateStore, Binding, SecretStore, Configuration, Lock }

public enum Direction { Inbound, Outbound }

/// <summary>The policies of the Resiliency resources in scope: which one stands on which target (dapr.md 6.4).</summary>
public sealed class ResiliencyPolicies
{
    /// <summary>For a call to an app; <paramref name="target"/> as the caller typed it, breakers per <paramref name="path"/> without its query.</summary>
    public PolicyRunner ForApp(string target, string path) => PolicyRunner.None;

    public PolicyRunner ForComponent(string name, ComponentKind kind, Direction direction) => PolicyRunner.None;

    public PolicyRunner ForActor(string type, string id) => PolicyRunner.None;

    /// <summary>One of the built-in retries: DaprBuiltInServiceRetries, …ActorRetries, …ActorReminderRetries, …InitializationRetries.</summary>
    public PolicyRunner BuiltIn(string name) => PolicyRunner.None;
}
