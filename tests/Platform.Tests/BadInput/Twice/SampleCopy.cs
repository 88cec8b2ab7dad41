using System.IO.Compression;
using System.Text;
using CloudPhone.Platform.Tests.Running;

namespace CloudPhone.Platform.Tests.BadInput.Twice;

/// <summary>The catalogue's sample app as another app, or in another version.</summary>
static class SampleCopy
{
    const string Package = "com.cloudphone.sample";
    const string Manifest = "AndroidManifest.xml";

    /// <summary>The beginning of a number in binary XML, and the version code 1.</summary>
    static readonly byte[] VersionOne = [8, 0, 0, 0x10, 1, 0, 0, 0];

    public static string NewPackage() => $"com.cloudphone.x{Guid.NewGuid():N}"[..Package.Length];

    public static async Task<byte[]> OfAsync(PlatformUser user, string package, byte version)
    {
        var sample = (await user.ListAsync("/api/apps"))
            .First(a => a.GetProperty("packageName").GetString() == Package).GetProperty("id").GetGuid();
        var first = (await user.ListAsync($"/api/apps/{sample}/versions"))[^1].GetProperty("id").GetGuid();
        using var stream = new MemoryStream();
        await stream.WriteAsync(await user.Http.GetByteArrayAsync($"/api/apps/{sample}/versions/{first}/file"));
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Update, leaveOpen: true))
        {
            using var content = new MemoryStream();
            await using (var old = await zip.GetEntry(Manifest)!.OpenAsync())
                await old.CopyToAsync(content);
            zip.GetEntry(Manifest)!.Delete();
            var bytes = content.ToArray();
            Replace(bytes, VersionOne, [.. VersionOne[..4], version, 0, 0, 0]);
            if (!TryReplace(bytes, Encoding.UTF8.GetBytes(Package), Encoding.UTF8.GetBytes(package)))
                Replace(bytes, Encoding.Unicode.GetBytes(Package), Encoding.Unicode.GetBytes(package));
            await using var entry = await zip.CreateEntry(Manifest, CompressionLevel.NoCompression).OpenAsync();
            await entry.WriteAsync(bytes);
        }
        return stream.ToArray();
    }

    public static MultipartFormDataContent Form(byte[] apk, string? name) =>
        name is null ? new() { { new ByteArrayContent(apk), "file", "copy.apk" } }
        : new() { { new StringContent(name), "name" }, { new ByteArrayContent(apk), "file", "copy.apk" } };

    static void Replace(byte[] bytes, byte[] old, byte[] by) =>
        Assert.True(TryReplace(bytes, old, by), "The sample's manifest is written in another way now.");

    static bool TryReplace(byte[] bytes, byte[] old, byte[] by)
    {
        var at = bytes.AsSpan().IndexOf(old);
        if (at >= 0)
            by.CopyTo(bytes, at);
        return at >= 0;
    }
}
