namespace CloudPhone.PhoneSimulator.Android;

/// <summary>What apps may ask for, by what it takes to get it. Names without <c>android.permission.</c>.</summary>
static class Permissions
{
    const string Prefix = "android.permission.";

    /// <summary>The user grants and revokes them.</summary>
    static readonly HashSet<string> Runtime =
    [
        "ACCEPT_HANDOVER", "ACCESS_BACKGROUND_LOCATION", "ACCESS_COARSE_LOCATION", "ACCESS_FINE_LOCATION",
        "ACCESS_MEDIA_LOCATION", "ACTIVITY_RECOGNITION", "ANSWER_PHONE_CALLS", "BLUETOOTH_ADVERTISE",
        "BLUETOOTH_CONNECT", "BLUETOOTH_SCAN", "BODY_SENSORS", "BODY_SENSORS_BACKGROUND", "CALL_PHONE", "CAMERA",
        "GET_ACCOUNTS", "NEARBY_WIFI_DEVICES", "POST_NOTIFICATIONS", "PROCESS_OUTGOING_CALLS", "READ_CALENDAR",
        "READ_CALL_LOG", "READ_CONTACTS", "READ_EXTERNAL_STORAGE", "READ_MEDIA_AUDIO", "READ_MEDIA_IMAGES",
        "READ_MEDIA_VIDEO", "READ_PHONE_NUMBERS", "READ_PHONE_STATE", "READ_SMS", "RECEIVE_MMS", "RECEIVE_SMS",
        "RECEIVE_WAP_PUSH", "RECORD_AUDIO", "SEND_SMS", "USE_SIP", "UWB_RANGING", "WRITE_CALENDAR", "WRITE_CALL_LOG",
        "WRITE_CONTACTS", "WRITE_EXTERNAL_STORAGE",
    ];

    /// <summary>Only a shell grants them.</summary>
    static readonly HashSet<string> Development =
    [
        "BATTERY_STATS", "CHANGE_CONFIGURATION", "DUMP", "GET_PROCESS_STATE_AND_OOM_SCORE", "INTERACT_ACROSS_USERS",
        "PACKAGE_USAGE_STATS", "READ_LOGS", "SET_ALWAYS_FINISH", "SET_ANIMATION_SCALE", "SET_DEBUG_APP",
        "SET_PROCESS_LIMIT", "SIGNAL_PERSISTENT_PROCESSES", "WRITE_SECURE_SETTINGS",
    ];

    /// <summary>Whoever asks has them.</summary>
    static readonly HashSet<string> Normal =
    [
        "ACCESS_NETWORK_STATE", "ACCESS_NOTIFICATION_POLICY", "ACCESS_WIFI_STATE", "BLUETOOTH", "BLUETOOTH_ADMIN",
        "CHANGE_NETWORK_STATE", "CHANGE_WIFI_MULTICAST_STATE", "CHANGE_WIFI_STATE", "EXPAND_STATUS_BAR",
        "FOREGROUND_SERVICE", "GET_PACKAGE_SIZE", "HIGH_SAMPLING_RATE_SENSORS", "INTERNET", "KILL_BACKGROUND_PROCESSES",
        "MODIFY_AUDIO_SETTINGS", "NFC", "QUERY_ALL_PACKAGES", "READ_SYNC_SETTINGS", "RECEIVE_BOOT_COMPLETED",
        "REORDER_TASKS", "REQUEST_DELETE_PACKAGES", "REQUEST_IGNORE_BATTERY_OPTIMIZATIONS", "SCHEDULE_EXACT_ALARM",
        "SET_ALARM", "SET_WALLPAPER", "USE_BIOMETRIC", "USE_FINGERPRINT", "USE_FULL_SCREEN_INTENT", "VIBRATE",
        "WAKE_LOCK", "WRITE_SYNC_SETTINGS",
    ];

    public static bool IsRuntime(string name) => Is(Runtime, name);

    public static bool IsNormal(string name) => Is(Normal, name);

    public static bool IsChangeable(string name) => Is(Runtime, name) || Is(Development, name);

    /// <summary>The phone has it, or is asked for it as for one of Android's own.</summary>
    public static bool IsKnown(string name, InstalledPackage app) => IsChangeable(name) || IsNormal(name)
        || (name.StartsWith(Prefix, StringComparison.Ordinal) && app.Requested.Contains(name));

    static bool Is(HashSet<string> those, string name) =>
        name.StartsWith(Prefix, StringComparison.Ordinal) && those.Contains(name[Prefix.Length..]);
}
