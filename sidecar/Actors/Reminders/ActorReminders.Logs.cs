namespace CloudPhone.Sidecar.Actors.Reminders;

sealed partial class ActorReminders
{
    [LoggerMessage(Level = LogLevel.Warning,
        Message = "reminder {Name} of actor {Type}/{Id} failed (try {Try} of {Tries}): {Error}")]
    partial void LogFailed(string name, string type, string id, int @try, int tries, string error);

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "reminder {Name} of actor {Type}/{Id} waits, the app can't be reached: {Error}")]
    partial void LogMissed(string name, string type, string id, string error);

    [LoggerMessage(Level = LogLevel.Error,
        Message = "reminder {Name} of actor {Type}/{Id} fires again, it could not be kept: {Error}")]
    partial void LogStoreFailed(string name, string type, string id, string error);

    [LoggerMessage(Level = LogLevel.Warning, Message = "reminders wait, the state store does not answer: {Error}")]
    partial void LogStoreAway(string error);
}
