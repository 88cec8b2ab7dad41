namespace CloudPhone.Apk;

/// <summary>The file is no APK that a phone could install; the message says why, for the one who uploaded it.</summary>
sealed class ApkException(string message, Exception? inner = null) : Exception(message, inner);
