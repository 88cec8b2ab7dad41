namespace CloudPhone.Contracts;

/// <summary>The Dapr app ids of the services: the names that calls and queues use.</summary>
public static class AppIds
{
    public const string Gateway = "api-gateway";
    public const string Users = "user-service";
    public const string Devices = "device-service";
    public const string Apps = "app-service";
    public const string Scheduler = "scheduler-service";
    public const string Billing = "billing-service";
    public const string Notifications = "notification-service";
    public const string Media = "media-service";
}
