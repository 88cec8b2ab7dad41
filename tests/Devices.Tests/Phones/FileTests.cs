using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using CloudPhone.Devices.Phones.Files;
using CloudPhone.Devices.Tests.Testing;
using CloudPhone.Testing;

namespace CloudPhone.Devices.Tests.Phones;

public sealed class FileTests(PhoneFixture phone) : IClassFixture<PhoneFixture>
{
    string Url(string path, string what = "files", string more = "") =>
        phone.At($"{what}?path={Uri.EscapeDataString(path)}{more}");

    Task<HttpResponseMessage> PutAsync(string path, byte[] bytes)
    {
        var content = new ByteArrayContent(bytes);
        content.Headers.ContentType = new("application/octet-stream");
        return phone.Client.PutAsync(Url(path), content);
    }

    async Task<FileList> ListAsync(string path, string more = "") =>
        (await phone.Client.GetFromJsonAsync<FileList>(Url(path, more: more)))!;

    [Theory]
    [InlineData("/sdcard/Download/a b'c\"d $(x);é,644.bin")]
    [InlineData("/data/local/tmp/-rf")]
    public async Task A_file_goes_up_down_and_away(string path)
    {
        var bytes = new byte[(5 << 20) + 7];
        new Random(2).NextBytes(bytes);
        foreach (var content in new[] { [1, 2, 3], bytes })
        {
            using var put = await PutAsync(path, content);
            Assert.Equal(HttpStatusCode.OK, put.StatusCode);
            var view = await put.Content.ReadFromJsonAsync<FileView>();
            Assert.Equal((path.Split('/')[^1], "file", content.Length), (view!.Name, view.Type, view.Size));
        }
        using var got = await phone.Client.GetAsync(Url(path, "files/content"));
        Assert.Equal(bytes, await got.Content.ReadAsByteArrayAsync());
        Assert.Equal("attachment", got.Content.Headers.ContentDisposition?.DispositionType);
        Assert.Equal(path.Split('/')[^1], got.Content.Headers.ContentDisposition?.FileNameStar);
        var folder = path[..path.LastIndexOf('/')];
        Assert.Equal(path.Split('/')[^1], Assert.Single((await ListAsync(folder)).Items).Name);
        await PhoneFixture.DoneAsync(await phone.Client.DeleteAsync(Url(path)));
        Assert.Empty((await ListAsync(folder)).Items);
        Assert.Equal(("file-deleted", path), ((await phone.ActsAsync())[0].Act, (await phone.ActsAsync())[0].Reason));
        Assert.Equal($"{path}, {bytes.Length} bytes", (await phone.ActsAsync())[1].Reason);
        await Expect.ProblemAsync(await phone.Client.GetAsync(Url(path, "files/content")), 404, "not-found");
        await Expect.ProblemAsync(await phone.Client.DeleteAsync(Url(path)), 404, "not-found");
    }

    [Fact]
    public async Task Folders_are_listed_by_pages_and_removed_with_what_is_in_them_only_when_asked_to()
    {
        await phone.DoAsync("mkdir -p /sdcard/many/inner");
        foreach (var name in new[] { "c", "a", "b" })
            await PhoneFixture.DoneAsync(await PutAsync($"/sdcard/many/{name}", []), HttpStatusCode.OK);
        var first = await ListAsync("/sdcard/many/", "&count=2");
        Assert.Equal(["a", "b"], first.Items.Select(f => f.Name));
        Assert.Equal("b", first.NextAfter);
        var second = await ListAsync("/sdcard/many", "&count=2&after=b");
        Assert.Equal([("c", "file"), ("inner", "folder")], second.Items.Select(f => (f.Name, f.Type)));
        Assert.Null(second.NextAfter);
        await Expect.ProblemAsync(await phone.Client.GetAsync(Url("/sdcard/many/a")), 409, "not-a-folder");
        await Expect.ProblemAsync(
            await phone.Client.GetAsync(Url("/sdcard/many", "files/content")), 409, "not-a-file");
        await Expect.ProblemAsync(await PutAsync("/sdcard/many", [1]), 409, "not-a-file");
        await Expect.ProblemAsync(await PutAsync("/sdcard/missing/a", [1]), 404, "not-found");
        await Expect.ProblemAsync(await PutAsync("/sdcard/many/a/b", [1]), 404, "not-found");
        await Expect.ProblemAsync(await phone.Client.DeleteAsync(Url("/sdcard/many")), 409, "phone-refused");
        Assert.Equal(4, (await ListAsync("/sdcard/many")).Items.Count);
        await PhoneFixture.DoneAsync(await phone.Client.DeleteAsync(Url("/sdcard/many", more: "&recursive=true")));
        await Expect.ProblemAsync(await phone.Client.GetAsync(Url("/sdcard/many")), 404, "not-found");
    }

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("sdcard/a")]
    [InlineData("./sdcard/a")]
    [InlineData("/system/bin/sh")]
    [InlineData("/data/data/a")]
    [InlineData("/data/local/tmpx/a")]
    [InlineData("/sdcardx")]
    [InlineData("/SDCARD/a")]
    [InlineData("/storage/emulated/0/a")]
    [InlineData("/sdcard/../system/a")]
    [InlineData("/sdcard/..")]
    [InlineData("/sdcard/a/../../../etc/passwd")]
    [InlineData("/sdcard/./a")]
    [InlineData("/sdcard//a")]
    [InlineData("//sdcard/a")]
    [InlineData("/sdcard/a\0b")]
    [InlineData("/sdcard/a\nb")]
    [InlineData("/sdcard/a\u0085b")]
    [InlineData("/proc/self/environ")]
    [InlineData("\\sdcard\\a")]
    [InlineData("file:///sdcard/a")]
    [InlineData("/sdcard/%2e%2e/x\u007f")]
    public async Task A_path_that_leads_elsewhere_is_refused(string path)
    {
        var before = (await phone.ActsAsync()).Count;
        foreach (var answer in new[]
        {
            await phone.Client.GetAsync(Url(path)), await phone.Client.GetAsync(Url(path, "files/content")),
            await PutAsync(path, [1]), await phone.Client.DeleteAsync(Url(path, more: "&recursive=true")),
        })
            await Expect.ProblemAsync(answer, 400, "bad-path");
        Assert.Equal(before, (await phone.ActsAsync()).Count);
    }

    [Theory]
    [InlineData("/sdcard/%2e%2e/%2e%2e/run.json")]
    [InlineData("%2fsdcard%2f..%2f..%2frun.json")]
    [InlineData("/sdcard/..;/run.json")]
    [InlineData("/sdcard/%c0%ae%c0%ae/run.json")]
    [InlineData("/sdcard/a%00/../../../run.json")]
    [InlineData("/sdcard/%252e%252e%252f%252e%252e%252frun.json")]
    [InlineData("/sdcard/a&path=/../run.json")]
    [InlineData("/sdcard/$(cat+/run.json)")]
    [InlineData("/sdcard/';cat+/run.json;'")]
    public async Task However_it_is_written_nothing_outside_is_read_or_written(string query)
    {
        foreach (var answer in new[]
        {
            await phone.Client.GetAsync(phone.At($"files?path={query}")),
            await phone.Client.GetAsync(phone.At($"files/content?path={query}")),
            await phone.Client.DeleteAsync(phone.At($"files?path={query}&recursive=true")),
        })
            using (answer)
                Assert.True((int)answer.StatusCode is 400 or 404, $"{answer.StatusCode}");
        Assert.True(File.Exists(Path.Combine(phone.Platform.PhonesFolder, $"{phone.Id}", "run.json")));
    }

    /// <summary>None of the phone's own ways makes one.</summary>
    [Fact]
    public async Task A_link_that_is_there_all_the_same_leads_nowhere()
    {
        var folder = Path.Combine(phone.Platform.PhonesFolder, $"{phone.Id}");
        var link = Path.Combine(folder, "disk", "sdcard", "link");
        File.CreateSymbolicLink(link, folder);
        try
        {
            foreach (var path in new[] { "/sdcard/link", "/sdcard/link/run.json", "/sdcard/link/disk/../run.json" })
                foreach (var answer in new[]
                {
                    await phone.Client.GetAsync(Url(path)), await phone.Client.GetAsync(Url(path, "files/content")),
                    await PutAsync(path, [1]), await phone.Client.DeleteAsync(Url(path, more: "&recursive=true")),
                })
                    using (answer)
                        Assert.InRange((int)answer.StatusCode, 400, 409);
            Assert.DoesNotContain((await ListAsync("/sdcard")).Items, f => f.Name == "link");
            Assert.True(new FileInfo(Path.Combine(folder, "run.json")).Length > 1);
        }
        finally
        {
            File.Delete(link);
        }
    }

    [Fact]
    public async Task Names_that_are_too_long_and_the_folders_themselves_are_refused()
    {
        foreach (var path in new[] { $"/sdcard/{new string('a', 201)}", $"/sdcard/{new string('é', 101)}",
            "/sdcard" + string.Concat(Enumerable.Repeat("/" + new string('a', 190), 6)) })
            await Expect.ProblemAsync(await phone.Client.GetAsync(Url(path)), 400, "bad-path");
        foreach (var root in new[] { "/sdcard", "/sdcard/", "/data/local/tmp" })
        {
            await Expect.ProblemAsync(await phone.Client.DeleteAsync(Url(root, more: "&recursive=true")), 400, "bad-path");
            await Expect.ProblemAsync(await PutAsync(root, [1]), 404, "not-found");
            Assert.Equal(HttpStatusCode.OK, (await phone.Client.GetAsync(Url(root))).StatusCode);
        }
        await Expect.ProblemAsync(await phone.Client.GetAsync(phone.At("files")), 400, "bad-path");
        foreach (var wrong in new[] { "&count=0", "&count=1001", "&count=x" })
            await Expect.ProblemAsync(await phone.Client.GetAsync(Url("/sdcard", more: wrong)), 400, "bad-request");
    }

    [Fact]
    public async Task One_that_is_too_large_or_of_unknown_length_does_not_come_up()
    {
        using var large = new HttpRequestMessage(HttpMethod.Put, Url("/sdcard/large"));
        large.Content = new ByteArrayContent(new byte[(6 << 20) + 1]);
        large.Content.Headers.ContentType = new("application/octet-stream");
        await Expect.ProblemAsync(await phone.Client.SendAsync(large), 413, "body-too-large");
        using var chunked = new HttpRequestMessage(HttpMethod.Put, Url("/sdcard/large"));
        chunked.Content = new StreamContent(new MemoryStream([1]));
        chunked.Content.Headers.ContentType = new("application/octet-stream");
        chunked.Headers.TransferEncodingChunked = true;
        await Expect.ProblemAsync(await phone.Client.SendAsync(chunked), 411, "length-required");
        using var form = await phone.Client.PutAsync(Url("/sdcard/large"), new StringContent("a", null, "text/html"));
        await Expect.ProblemAsync(form, 415, "unsupported-media-type");
        await Expect.ProblemAsync(await phone.Client.GetAsync(Url("/sdcard/large", "files/content")), 404, "not-found");
    }

    [Fact]
    public async Task An_upload_that_breaks_off_leaves_the_file_as_it_was_and_nothing_beside_it()
    {
        await phone.DoAsync("mkdir -p /sdcard/half");
        await PhoneFixture.DoneAsync(await PutAsync("/sdcard/half/a", [7]), HttpStatusCode.OK);
        var token = phone.Client.DefaultRequestHeaders.Authorization!.ToString();
        using (var socket = new TcpClient("127.0.0.1", phone.Client.BaseAddress!.Port))
        {
            var stream = socket.GetStream();
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"PUT {Url("/sdcard/half/a")} HTTP/1.1\r\nHost: a\r\n"
                + $"Authorization: {token}\r\nContent-Type: application/octet-stream\r\nContent-Length: 3000000\r\n\r\n"));
            await stream.WriteAsync(new byte[1_000_000]);
            await Wait.UntilAsync("the phone to hear of it", async () =>
                (await phone.ActsAsync())[0].Reason == "/sdcard/half/a, 3000000 bytes");
        }
        using var answer = await phone.Client.GetAsync(Url("/sdcard/half/a", "files/content"));
        Assert.Equal([7], await answer.Content.ReadAsByteArrayAsync());
        await Wait.UntilAsync("the unfinished one to be gone", async () =>
            (await phone.DoAsync("ls -a /sdcard/half")) == "a\n"
            && Directory.GetFileSystemEntries(
                Path.Combine(phone.Platform.PhonesFolder, $"{phone.Id}", "unfinished")).Length == 0);
    }
}
