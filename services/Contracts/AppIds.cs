namespace CloudPhone.Contracts;

/// <summary>The Dapr app ids of the services: the names that calls and queues use.</summary>
public static class AppIds
{
    /// <summary>The door: tokens, limits, forwarding. It publishes and handles no events.</summary>
    public const string Gateway = "api-gateway";
    /// <summary>Accounts, sessions, quotas.</summary>
    public const string Users = "user-service";
    /// <summary>Phones and their life.</summary>
    public const string Devices = "device-service";
    /// <summary>The app catalogue, its files, and the installs.</summary>
    public const string Apps = "app-service";
    /// <summary>Nodes and placement.</summary>
    public const string Scheduler = "scheduler-service";
    /// <summary>Metering and rates.</summary>
    public const string Billing = "billing-service";
    /// <summary>Notifications, mail, and the dead letters of all services.</summary>
    public const string Notifications = "notification-service";
    /// <summary>Screens in browsers, and what is done with them.</summary>
    public const string Media = "media-service";
}
