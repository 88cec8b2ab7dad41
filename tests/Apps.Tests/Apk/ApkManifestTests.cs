using System.Text;
using CloudPhone.Apk;
using CloudPhone.Apps.Sample;

namespace CloudPhone.Apps.Tests.Apk;

public sealed class ApkManifestTests
{
    [Fact]
    public void What_was_written_is_read() =>
        Assert.Equal(new ApkManifest("com.example.app", "2.5-beta", 2100000000),
            ApkManifest.Read(BinaryXmlWriter.Manifest("com.example.app", 2100000000, "2.5-beta")));

    [Theory]
    [InlineData("nodots")]
    [InlineData("")]
    [InlineData("com.example;rm -rf")]
    [InlineData("com..example")]
    [InlineData("com.1example.app")]
    [InlineData("com.example.app\n")]
    public void A_package_name_that_Android_would_refuse_is_refused(string package) =>
        Assert.Throws<ApkException>(() => ApkManifest.Read(BinaryXmlWriter.Manifest(package, 1, "1")));

    [Fact]
    public void Another_root_element_is_refused() =>
        Assert.Throws<ApkException>(() => ApkManifest.Read(BinaryXmlWriter.Manifest("com.example.app", 1, "1",
            "other")));

    [Fact]
    public void A_missing_version_name_becomes_the_code() =>
        Assert.Equal("7", ApkManifest.Read(BinaryXmlWriter.Manifest("com.example.app", 7, "")).VersionName);

    [Fact]
    public void Strings_in_utf8_are_read()
    {
        // one pool as aapt2 writes it: lengths in characters and in bytes, then the text and a zero
        byte[] pool = [.. BinaryXmlWriter.Chunk(BinaryXml.StringPoolChunk, 28, w =>
        {
            var text = Encoding.UTF8.GetBytes("näme");
            foreach (var word in new[] { 1u, 0u, 256u, 32u, 0u, 0u })
                w.Write(word);
            w.Write([4, (byte)text.Length, .. text, 0]);
        })];
        Assert.Equal("näme", new StringPool(pool)[0]);
        Assert.Null(new StringPool(pool)[1]);
        Assert.Null(new StringPool(pool)[uint.MaxValue]);
    }
}
