namespace CloudPhone.Apk;

/// <summary>What an APK says of itself beside its name and version.</summary>
/// <param name="MinSdk">API level that a phone must have; null where it says none, or one in words.</param>
/// <param name="TargetSdk">API level that it was made for.</param>
/// <param name="Permissions">What it asks for, each once, in the manifest's order.</param>
/// <param name="SignatureSchemes">The forms in which it carries signatures, <c>v1</c> to <c>v3.1</c>; whether they are
/// right the phone finds out.</param>
sealed record ApkFacts(
    int? MinSdk, int? TargetSdk, IReadOnlyList<string> Permissions, IReadOnlyList<string> SignatureSchemes);

/// <summary>All that is known of an APK.</summary>
sealed record ApkContents(ApkManifest Manifest, ApkFacts Facts);
