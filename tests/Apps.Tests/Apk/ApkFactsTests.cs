using CloudPhone.Apk;
using CloudPhone.Apps.Sample;

namespace CloudPhone.Apps.Tests.Apk;

public sealed class ApkFactsTests : IDisposable
{
    const uint V2 = 0x7109871a, V3 = 0xf05368c0;
    readonly string _path = Path.GetTempFileName();

    ApkFacts Facts(byte[] file)
    {
        File.WriteAllBytes(_path, file);
        return ApkFile.Inspect(_path).Facts;
    }

    [Fact]
    public void What_a_phone_must_have_and_what_the_app_asks_for_is_read()
    {
        var facts = Facts(TestApk.Of(permissions:
            ["android.permission.INTERNET", "android.permission.CAMERA", "android.permission.INTERNET"]));
        Assert.Equal((24, 35), (facts.MinSdk, facts.TargetSdk));
        Assert.Equal(["android.permission.INTERNET", "android.permission.CAMERA"], facts.Permissions);
        Assert.Empty(facts.SignatureSchemes);
        var none = Facts(SampleApk.Create());
        Assert.Equal((null, null), (none.MinSdk, none.TargetSdk));
        Assert.Empty(none.Permissions);
    }

    [Fact]
    public void The_forms_in_which_it_is_signed_are_told()
    {
        var apk = TestApk.Of();
        Assert.Equal(["v2"], Facts(TestApk.WithSigningBlock(apk, V2)).SignatureSchemes);
        Assert.Equal(["v2", "v3"], Facts(TestApk.WithSigningBlock(apk, 1, V3, V2)).SignatureSchemes);
        Assert.Empty(Facts(TestApk.WithSigningBlock(apk, 1)).SignatureSchemes);
        var jar = TestApk.Zip(("AndroidManifest.xml", BinaryXmlWriter.Manifest("com.example.app", 1, "1")),
            ("classes.dex", "dex\n035\0"u8.ToArray()), ("META-INF/CERT.SF", "x"u8.ToArray()),
            ("META-INF/CERT.RSA", "x"u8.ToArray()));
        Assert.Equal(["v1"], Facts(jar).SignatureSchemes);
        Assert.Equal(["v1", "v2", "v3"], Facts(TestApk.WithSigningBlock(jar, V2, V3)).SignatureSchemes);
    }

    [Fact]
    public void A_damaged_signing_block_is_refused_and_no_change_of_it_does_worse()
    {
        var good = TestApk.WithSigningBlock(TestApk.Of(), V2, V3);
        var magic = good.AsSpan().IndexOf("APK Sig Block 42"u8);
        var begin = magic - 8 - (2 * 17) - 8;
        var wrong = good.ToArray();
        wrong[begin]++;
        Assert.Contains("signing block", Assert.Throws<ApkException>(() => Facts(wrong)).Message);
        for (var at = begin; at < magic + 16; at++)
            foreach (var value in new byte[] { 0, 1, 0x7f, 0xff })
            {
                var bytes = good.ToArray();
                bytes[at] = value;
                try
                {
                    Facts(bytes);
                }
                catch (ApkException)
                {
                }
            }
    }

    [Fact]
    public void More_permissions_than_any_app_asks_for_are_refused() =>
        Assert.Contains("permissions", Assert.Throws<ApkException>(() => Facts(TestApk.Of(
            permissions: [.. Enumerable.Range(0, 501).Select(i => $"p.P{i}")]))).Message);

    [Fact]
    public void One_long_string_in_all_attributes_takes_no_memory_for_each_of_them()
    {
        const int attributes = 256;
        byte[] attribute = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0, BinaryXml.TextValue, 0, 0, 0, 0];
        var element = BinaryXmlWriter.Chunk(BinaryXml.StartElementChunk, 16, w =>
        {
            foreach (var word in new uint[] { 0, 0, 0, 1 })
                w.Write(word);
            foreach (var word in new ushort[] { 20, 20, attributes, 0, 0, 0 })
                w.Write(word);
            for (var i = 0; i < attributes; i++)
                w.Write(attribute);
        });
        var end = BinaryXmlWriter.Chunk(BinaryXml.EndElementChunk, 16, w => w.Write(new byte[16]));
        var manifest = BinaryXmlWriter.Chunk(BinaryXml.XmlChunk, 8, w =>
        {
            w.Write(BinaryXmlWriter.Pool([new('a', 4096), "uses-permission"]));
            w.Write(element);
            for (var i = 0; i < 100; i++) // of 8 KiB twice in each attribute: 400 MB
                w.Write([.. element, .. end]);
        });
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains("more text",
            Assert.Throws<ApkException>(() => ManifestFacts.Read(manifest, [])).Message, StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 8 << 20);
    }

    public void Dispose() => File.Delete(_path);
}
