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

    public void Dispose() => File.Delete(_path);
}
