using System.Buffers.Binary;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using CloudPhone.Contracts;
using CloudPhone.Platform.Tests.EndToEnd;
using CloudPhone.Testing;

namespace CloudPhone.Platform.Tests.Screens;

/// <summary>The media service dies while it records; through the gateway the film is there, whole and in parts.
/// </summary>
[Collection(nameof(SharedPlatform))]
public sealed class RecordingKillTests(PlatformFixture fixture)
{
    const string All = "/api/media/recordings";

    [Fact]
    public async Task What_was_recorded_until_then_is_a_film()
    {
        await using var user = await fixture.Platform.NewUserAsync();
        var phone = await user.CreateRunningAsync("to be lost");
        var session = await MadeAsync(user.Http, "/api/media/sessions", new { deviceId = phone });
        var film = await MadeAsync(
            user.Http, All, new { sessionId = session.GetProperty("sessionId").GetGuid() });
        var path = $"{All}/{film.GetProperty("id").GetGuid()}";
        await Wait.UntilAsync("some of a film", async () =>
            (await user.Http.GetFromJsonAsync<JsonElement>(path)).GetProperty("seconds").GetDouble() > 3, 30);

        await fixture.Platform.KillServiceAsync(AppIds.Media);
        await fixture.Platform.UntilHealthyAsync(AppIds.Media);
        await Wait.UntilAsync("its end", async () =>
        {
            using var answer = await user.Http.GetAsync(path);
            return answer.IsSuccessStatusCode && (await answer.Content.ReadFromJsonAsync<JsonElement>())
                .GetProperty("endReason").GetString() == "service-stopped";
        }, 120, 0.5);

        var bytes = await user.Http.GetByteArrayAsync($"{path}/file");
        var boxes = Boxes(bytes);
        Assert.Equal(["ftyp", "moov", "moof", "mdat"], boxes[..4]);
        Assert.All(boxes[2..].Chunk(2), pair => Assert.Equal(["moof", "mdat"], pair));
        using var part = new HttpRequestMessage(HttpMethod.Get, $"{path}/file");
        part.Headers.Range = new RangeHeaderValue(4, 99);
        using var ranged = await user.Http.SendAsync(part);
        Assert.Equal(HttpStatusCode.PartialContent, ranged.StatusCode);
        Assert.Equal(bytes[4..100], await ranged.Content.ReadAsByteArrayAsync());
        (await user.Http.DeleteAsync(path)).EnsureSuccessStatusCode();
        (await user.Http.DeleteAsync($"/api/devices/{phone}")).EnsureSuccessStatusCode();
    }

    static async Task<JsonElement> MadeAsync(HttpClient http, string path, object body)
    {
        using var answer = await http.PostAsJsonAsync(path, body);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }

    /// <summary>Their types; all of them are whole.</summary>
    static List<string> Boxes(byte[] file)
    {
        var types = new List<string>();
        for (var at = 0; at < file.Length; at += (int)BinaryPrimitives.ReadUInt32BigEndian(file.AsSpan(at)))
            types.Add(Encoding.ASCII.GetString(file, at + 4, 4));
        return types;
    }
}
