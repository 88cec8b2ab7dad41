namespace CloudPhone.PhoneSimulator;

/// <summary>The phone can't be started as told; the message is one sentence that says what to do.</summary>
sealed class PhoneException(string message) : Exception(message);
