using System.Globalization;
using System.Text.RegularExpressions;

namespace CloudPhone.Apk;

/// <summary>What an APK says of itself.</summary>
sealed partial record ApkManifest(string PackageName, string VersionName, long VersionCode)
{
    internal const uint VersionCodeId = 0x0101021b;
    internal const uint VersionNameId = 0x0101021c;
    const uint VersionCodeMajorId = 0x01010576;
    const int MaxPackageName = 223;
    const int MaxVersionName = 128;

    /// <exception cref="ApkException">It is no manifest, or says something that no phone would take.</exception>
    public static ApkManifest Read(ReadOnlySpan<byte> file)
    {
        var root = BinaryXml.ReadRoot(file);
        if (root.Name != "manifest")
            throw new ApkException("AndroidManifest.xml does not begin with the element manifest.");
        var package = root.Attributes.FirstOrDefault(a => a.Name == "package" && a.ResourceId == 0).Text ?? "";
        if (package.Length > MaxPackageName || !PackagePattern().IsMatch(package))
            throw new ApkException("The package name in the manifest is not a valid Android package name.");
        var code = Find(root, VersionCodeId, "versionCode").Number
            ?? throw new ApkException("The manifest has no version code.");
        var major = Find(root, VersionCodeMajorId, "versionCodeMajor").Number ?? 0;
        if (code > int.MaxValue || major > int.MaxValue)
            throw new ApkException("The version code in the manifest is negative.");
        // a name that stands in the app's resources is not worth a reader of those
        var name = Find(root, VersionNameId, "versionName").Text is { Length: > 0 } n ? n
            : code.ToString(CultureInfo.InvariantCulture);
        if (name.Length > MaxVersionName || name.Any(c => char.IsControl(c) || char.IsSurrogate(c) || c == '\uFFFD'))
            throw new ApkException(
                $"The version name in the manifest is not 1 to {MaxVersionName} ordinary characters.");
        return new(package, name, ((long)major << 32) | code);
    }

    /// <summary>Android goes by the number; names may have been stripped.</summary>
    internal static BinaryAttribute Find(BinaryElement root, uint id, string name) =>
        root.Attributes.FirstOrDefault(a => a.ResourceId == id || (a.ResourceId == 0 && a.Name == name));

    [GeneratedRegex(@"\A[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*)+\z", RegexOptions.CultureInvariant)]
    private static partial Regex PackagePattern();
}
