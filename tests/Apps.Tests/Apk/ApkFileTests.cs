using CloudPhone.Apk;
using CloudPhone.Apps.Sample;

namespace CloudPhone.Apps.Tests.Apk;

public sealed class ApkFileTests : IDisposable
{
    static readonly byte[] Manifest = BinaryXmlWriter.Manifest("com.example.app", 1, "1.0");
    static readonly byte[] Code = "dex\n035\0"u8.ToArray();
    readonly string _path = Path.GetTempFileName();

    ApkManifest Read(byte[] file)
    {
        File.WriteAllBytes(_path, file);
        return ApkFile.Read(_path);
    }

    void AssertRefused(byte[] file, string reason) =>
        Assert.Contains(reason, Assert.Throws<ApkException>(() => Read(file)).Message, StringComparison.Ordinal);

    [Fact]
    public void The_sample_app_is_one_and_is_the_same_each_time()
    {
        Assert.Equal(new ApkManifest("com.cloudphone.sample", "1.0.0", 1), Read(SampleApk.Create()));
        Assert.Equal(SampleApk.Create(), SampleApk.Create());
    }

    [Fact]
    public void What_is_no_apk_is_refused()
    {
        AssertRefused([], "not a ZIP file");
        AssertRefused("hello"u8.ToArray(), "not a ZIP file");
        AssertRefused(TestApk.Zip(("readme.txt", Code)), "no AndroidManifest.xml");
        AssertRefused(TestApk.Zip(("AndroidManifest.xml", Manifest)), "neither classes.dex nor resources.arsc");
        AssertRefused(TestApk.Zip(("AndroidManifest.xml", Manifest), ("classes.dex", "text"u8.ToArray())),
            "no Android code");
        AssertRefused(TestApk.Zip(("AndroidManifest.xml", Manifest), ("resources.arsc", Code)),
            "no Android resource table");
        AssertRefused(TestApk.Zip(("AndroidManifest.xml", "<manifest/>"u8.ToArray()), ("classes.dex", Code)),
            "binary form");
    }

    [Fact]
    public void Tricks_with_names_and_sizes_are_refused()
    {
        AssertRefused(TestApk.Zip(("AndroidManifest.xml", Manifest), ("AndroidManifest.xml", Manifest),
            ("classes.dex", Code)), "same name");
        AssertRefused(TestApk.Zip(("AndroidManifest.xml", Manifest), ("../evil", Code), ("classes.dex", Code)),
            "leads out");
        var bomb = new byte[80 << 20];
        AssertRefused(TestApk.Zip(("AndroidManifest.xml", Manifest), ("classes.dex", Code), ("assets/zeros", bomb)),
            "far more than its size");
        AssertRefused(TestApk.Zip(("AndroidManifest.xml", new byte[9 << 20]), ("classes.dex", Code)), "too large");
    }

    [Fact]
    public void However_it_is_cut_it_is_refused()
    {
        var good = TestApk.Of();
        for (var length = 0; length < good.Length; length++)
            Assert.Throws<ApkException>(() => ApkFile.Inspect(new MemoryStream(good[..length])));
    }

    public void Dispose() => File.Delete(_path);
}
