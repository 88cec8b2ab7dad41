using System.Globalization;
using System.Text;
using CloudPhone.Apps.Storage;
using CloudPhone.Apps.Uploads;
using Microsoft.AspNetCore.Http;

namespace CloudPhone.Apps.Tests.Uploads;

/// <summary>
/// A million forms, mostly well-formed with something wrong in them: parts or a refusal, no file left, no wait and no
/// memory for what is not there. The seed is in the failure.
/// </summary>
public sealed class UploadFormFuzzTests : IDisposable
{
    static readonly int Count =
        int.TryParse(Environment.GetEnvironmentVariable("CLOUDPHONE_FUZZ"), CultureInfo.InvariantCulture, out var n)
            ? n : 1_000_000;

    const int MaxFile = 256;
    /// <summary>For buffers and exceptions; a file's are 160 KiB, each field's 16.</summary>
    const long MaxAllocated = 512 << 10;
    static readonly string[] Known = ["name", "description", "preinstall"];

    static readonly string[] Dispositions =
        ["form-data; name={0}", "form-data; name=\"{0}\"", "form-data; name=\"{0}\"; filename=\"a.apk\"",
            "form-data; filename*=UTF-8''%41; name={0}", "form-data; name=\"{0}", "form-data;;; name = {0} ;",
            "form-data; name=\"{0}\"; name=file", "attachment; name={0}", "", "\"{0}\"", "form-data; name=\\{0}",
            "form-data; name=\"\\\"{0}\\\"\""];

    static readonly string[] Headers =
        ["", "", "", "Content-Type: application/octet-stream\r\n", "Content-Length: 99999999999\r\n", "No colon\r\n",
            ": none\r\n", "X: \0\r\n",
            "Content-Transfer-Encoding: base64\r\n", "X: " + new string('x', 20_000) + "\r\n",
            string.Concat(Enumerable.Range(0, 20).Select(i => $"H{i}: x\r\n"))];

    static readonly string[] Types =
        ["multipart/form-data; boundary={0}", "multipart/form-data; boundary=\"{0}\"",
            "Multipart/Form-Data; charset=utf-8; boundary={0}", "multipart/mixed; boundary={0}", "multipart/form-data",
            "multipart/form-data; boundary=", "multipart/form-data; boundary=\"{0}", "text/plain", "",
            "multipart/form-data; boundary={0}{0}"];

    // a file is written and flushed for some of the forms: in memory, where there is such a folder
    readonly string _folder = Path.Combine(
        Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath(), $"cloudphone-forms-{Guid.NewGuid():N}");

    [Fact]
    public async Task Forms_of_all_kinds()
    {
        var folder = Directory.CreateDirectory(_folder).FullName;
        var spool = new Spool(new(folder, MaxFile, SeedSample: false, NeedsReview: false));
        var (taken, refused) = (0, 0);
        await Parallel.ForAsync(0, Count, async (seed, ct) =>
        {
            var (type, bytes) = Make(new Random(seed));
            var request = new DefaultHttpContext().Request;
            (request.ContentType, request.Body) = (type, new MemoryStream(bytes));
            var before = GC.GetAllocatedBytesForCurrentThread();
            var reading = ReadAsync(request, spool, bytes.Length, ct);
            // what has no file needs no other thread
            var allocated = reading.IsCompleted ? GC.GetAllocatedBytesForCurrentThread() - before : 0;
            Assert.True(allocated < MaxAllocated, $"seed {seed} took {allocated} bytes");
            try
            {
                var isTaken = await reading.WaitAsync(TimeSpan.FromSeconds(30), ct);
                Interlocked.Increment(ref isTaken ? ref taken : ref refused);
            }
            catch (Exception e)
            {
                Assert.Fail($"seed {seed}: {e}");
            }
        });
        Assert.Empty(Directory.EnumerateFiles(_folder));
        Assert.True(taken > Count / 100 && refused > Count / 2, $"{taken} were taken and {refused} refused");
    }

    /// <returns>False: it was refused.</returns>
    static async Task<bool> ReadAsync(HttpRequest request, Spool spool, int length, CancellationToken ct)
    {
        try
        {
            await using var form = await UploadForm.ReadAsync(request, spool, MaxFile, Known, ct);
            Assert.InRange(form.File!.Size, 0, Math.Min(length, MaxFile));
            Assert.Equal(form.File.Size, new FileInfo(form.File.TemporaryPath).Length);
            Assert.All(Known, name => Assert.InRange(form[name]?.Length ?? 0, 0, length));
            return true;
        }
        catch (BadHttpRequestException e)
        {
            Assert.InRange(e.StatusCode, 400, 415);
            return false;
        }
    }

    static (string Type, byte[] Bytes) Make(Random random)
    {
        var boundary = random.Next(8) switch
        {
            0 => new string('b', random.Next(1, 110)),
            1 => "a'()+_,-./:=?",
            2 => "\u00e4 b",
            _ => "----boundary",
        };
        using var form = new MemoryStream();
        var (line, isWhole) = (random.Next(20) == 0 ? "\n" : "\r\n", random.Next(8) > 0);
        if (random.Next(20) == 0)
            Write($"before{line}");
        for (var i = random.Next(1, 4); i > 0; i--)
            Part(i == 1 && random.Next(8) == 0 ? "file" : Known[random.Next(8) == 0 ? 0 : i % 3]);
        Write(isWhole ? $"--{boundary}--{line}" : "");
        var bytes = form.ToArray();
        for (var changes = random.Next(16) - 12; changes > 0 && bytes.Length > 0; changes--)
            bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
        var type = string.Format(
            CultureInfo.InvariantCulture, Types[random.Next(6) > 0 ? 0 : random.Next(Types.Length)], boundary);
        return (type, random.Next(8) == 0 ? bytes[..random.Next(bytes.Length + 1)] : bytes);

        void Part(string name)
        {
            var disposition = string.Format(CultureInfo.InvariantCulture,
                Dispositions[random.Next(6) > 0 ? 1 : random.Next(Dispositions.Length)], name);
            var more = Headers[random.Next(4) > 0 ? 0 : random.Next(Headers.Length)];
            Write($"--{boundary}{line}Content-Disposition: {disposition}{line}{more}{line}");
            var content = new byte[random.Next(200) == 0 ? random.Next(20_000) : random.Next(40)];
            if (random.Next(4) == 0)
                random.NextBytes(content);
            else
                content.AsSpan().Fill((byte)'x');
            form.Write(content);
            Write(random.Next(8) == 0 ? $"{line}--{boundary[..^1]}{line}" : line);
        }

        void Write(string text) => form.Write(Encoding.UTF8.GetBytes(text));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
