namespace CloudPhone.Apps.Storage;

/// <summary>The store, or the sidecar before it, can't be reached, or has not what it should have.</summary>
sealed class StoreException(string message, Exception? inner = null) : Exception(message, inner);
