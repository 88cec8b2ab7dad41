using System.Buffers.Binary;
using System.Globalization;
using CloudPhone.Apk;
using CloudPhone.Apps.Sample;

namespace CloudPhone.Apps.Tests.Apk;

/// <summary>
/// A million inputs to each parser, mostly well-formed with something wrong in them: a manifest or a refusal, and no
/// memory for sizes that were only claimed. The seed is in the failure.
/// </summary>
public sealed class ApkFuzzTests
{
    static readonly int Count =
        int.TryParse(Environment.GetEnvironmentVariable("CLOUDPHONE_FUZZ"), CultureInfo.InvariantCulture, out var n)
            ? n : 1_000_000;

    /// <summary>For a parser's own buffers and exceptions; a claimed size would be megabytes and more.</summary>
    const long OfManifest = 128 << 10;
    /// <summary>What is packed may really be a thousand times as long.</summary>
    const long OfFile = 4 << 20;
    static readonly uint[] Numbers =
        [0, 1, 7, 8, 20, 255, 256, 4096, 4097, 0x7fff, 0x8000, 0xffff, 1 << 20, 9 << 20, int.MaxValue, 0x80000000,
            uint.MaxValue - 7, uint.MaxValue];

    static readonly byte[][] Manifests =
        [BinaryXmlWriter.Manifest(
            "com.example.app", 5, "1.2.3", minSdk: 24, targetSdk: 35, permissions: ["a.b.C", "d"]),
            BinaryXmlWriter.Manifest("a.b", 1, ""), BinaryXmlWriter.Manifest("com.example.app", 5, "1.2.3", "other")];

    static readonly byte[][] Files =
    [
        TestApk.Of(permissions: "a.b.C"), SampleApk.Create(), TestApk.WithSigningBlock(TestApk.Of(), 1, 0x7109871a),
        TestApk.Zip(("AndroidManifest.xml", Manifests[0]), ("resources.arsc", [2, 0, 12, 0]),
            ("assets/a", new byte[99])),
    ];

    [Fact]
    public void Manifests_of_all_kinds() => Run(Manifests, OfManifest,
        bytes => new(ApkManifest.Read(bytes), ManifestFacts.Read(bytes, [])));

    [Fact]
    public void Files_of_all_kinds() => Run(Files, OfFile, bytes => ApkFile.Inspect(new MemoryStream(bytes)));

    static void Run(byte[][] originals, long most, Func<byte[], ApkContents> parse)
    {
        var refused = 0;
        Parallel.For(0, Count, seed =>
        {
            var random = new Random(seed);
            var bytes = Mutated(random, originals[random.Next(originals.Length)]);
            var before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                var (manifest, facts) = parse(bytes);
                Assert.True(manifest.PackageName.Length is >= 3 and <= 223
                    && manifest.VersionName.Length is > 0 and <= 128 && manifest.VersionCode >= 0
                    && facts.Permissions.All(p => p.Length is > 0 and <= 255),
                    $"seed {seed}: {manifest}");
            }
            catch (ApkException)
            {
                Interlocked.Increment(ref refused);
            }
            catch (Exception e)
            {
                Assert.Fail($"seed {seed}: {e}");
            }
            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(allocated < most, $"seed {seed} took {allocated} bytes");
        });
        Assert.InRange(refused, Count / 10, Count * 9 / 10); // it is neither all good nor all nonsense
    }

    static byte[] Mutated(Random random, byte[] original)
    {
        var bytes = original.ToArray();
        for (var changes = random.Next(4); changes > 0; changes--)
        {
            var at = random.Next(bytes.Length - 3);
            switch (random.Next(16))
            {
                case < 6:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case < 9:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case < 12: // counts, sizes and offsets stand everywhere
                    BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(at), Numbers[random.Next(Numbers.Length)]);
                    break;
                case < 14:
                    BinaryPrimitives.WriteUInt16LittleEndian(
                        bytes.AsSpan(at), (ushort)Numbers[random.Next(Numbers.Length)]);
                    break;
                case 14: // something comes twice, or in another place
                    bytes.AsSpan(at, random.Next(Math.Min(64, bytes.Length - at))).ToArray()
                        .CopyTo(bytes.AsSpan(random.Next(bytes.Length - 64)));
                    break;
                default:
                    return bytes[..at];
            }
        }
        return bytes;
    }
}
