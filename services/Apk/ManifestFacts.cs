namespace CloudPhone.Apk;

/// <summary>Reads what stands directly below a manifest's root.</summary>
static class ManifestFacts
{
    internal const uint NameId = 0x01010003;
    internal const uint MinSdkId = 0x0101020c;
    internal const uint TargetSdkId = 0x01010270;
    /// <summary>More than any app asks for.</summary>
    const int MaxPermissions = 500;
    const int MaxName = 255;

    /// <param name="file">The manifest, whose root has been read.</param>
    /// <param name="schemes">See <see cref="ApkFacts.SignatureSchemes"/>.</param>
    /// <exception cref="ApkException">It is damaged, or has no sensible size.</exception>
    public static ApkFacts Read(ReadOnlySpan<byte> file, IReadOnlyList<string> schemes)
    {
        int? min = null, target = null;
        var permissions = new List<string>();
        foreach (var element in BinaryXml.ReadBelowRoot(
            file, ["uses-sdk", "uses-permission", "uses-permission-sdk-23"]))
            if (element.Name == "uses-sdk")
                (min, target) = (Level(element, MinSdkId, "minSdkVersion") ?? min,
                    Level(element, TargetSdkId, "targetSdkVersion") ?? target);
            else if (ApkManifest.Find(element, NameId, "name").Text is { Length: > 0 and <= MaxName } name
                && !name.Any(c => char.IsControl(c) || char.IsWhiteSpace(c) || char.IsSurrogate(c) || c == '\uFFFD'))
                permissions.Add(name);
        permissions = [.. permissions.Distinct()];
        return permissions.Count <= MaxPermissions ? new(min, target, permissions, schemes)
            : throw new ApkException($"The manifest asks for more than {MaxPermissions} permissions.");
    }

    static int? Level(BinaryElement element, uint id, string name) =>
        ApkManifest.Find(element, id, name).Number is { } level and <= 10_000 ? (int)level : null;
}
