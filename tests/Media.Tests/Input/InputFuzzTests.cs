using System.Text;
using System.Text.Json;
using CloudPhone.Media.Input;
using CloudPhone.Media.Tests.WebRtc;

namespace CloudPhone.Media.Tests.Input;

/// <summary>What sockets bring, with a few bytes changed, added or taken away: a million, always the same.</summary>
public class InputFuzzTests
{
    const int Runs = 1_000_000, MaxAllocated = 64 << 10, Longest = 1 << 19;

    static readonly string[] Genuine =
    [
        """{"type":"touch","action":"down","pointer":9,"x":360,"y":640.5,"width":720,"height":1280,"pressure":0.5}""",
        """{"type":"touch","action":"move","x":0,"y":0,"width":16384,"height":16384}""",
        """{"type":"scroll","x":1,"y":2,"width":720,"height":1280,"dx":-16,"dy":1.5}""",
        """{"type":"key","key":"ENTER","action":"press","meta":4097}""", """{"type":"key","key":"DPAD_UP"}""",
        """{"type":"text","text":"plain \u4f60\u597d \ud83d\ude00 你好"}""",
        """{"type":"clipboard","text":"\ud800"}""", """{"type":"pictures","mode":"snapshots"}""",
        """{"type":"get-clipboard"}""", """{"type":"app-switch"}""", """ {"type" : "home"} """,
        """{"type":"control"}""", """{"type":"end"}""",
    ];

    static readonly HashSet<string> Members =
    [
        "type", "action", "pointer", "x", "y", "width", "height", "pressure", "dx", "dy", "key", "meta", "text", "mode",
    ];

    static readonly HashSet<string> Types =
    [
        "touch", "scroll", "key", "text", "back", "home", "app-switch", "power", "rotate", "clipboard",
        "get-clipboard", "control", "release", "pictures", "end",
    ];

    [Fact]
    public void A_million_input_messages()
    {
        var mutator = new Mutator(5, [.. Genuine.Select(Encoding.UTF8.GetBytes)]);
        foreach (var known in Genuine.Append("{")) // what is made once, with the first messages, is not theirs
            if (InputMessage.Parse(Encoding.UTF8.GetBytes(known)) is { } first)
                PhoneInput.Check(first);
        var (taken, refused, most) = (0, 0, 0L);
        for (var run = 0; run < Runs; run++)
        {
            var message = mutator.Next();
            var allocated = GC.GetAllocatedBytesForCurrentThread();
            var isTaken = InputMessage.Parse(message) is { } input && PhoneInput.Check(input) is null;
            most = Math.Max(most, GC.GetAllocatedBytesForCurrentThread() - allocated);
            if (!isTaken)
                refused++;
            else if (IsRight(message))
                taken++;
            else
                Assert.Fail($"It was taken: {Encoding.UTF8.GetString(message)}");
        }
        Assert.InRange(taken, Runs / 50, Runs / 2);
        Assert.Equal(Runs, taken + refused);
        Assert.InRange(most, 1, MaxAllocated);
    }

    /// <summary>As long as a message may be, and made to take time or memory.</summary>
    [Theory]
    [InlineData("[", "[", "")]
    [InlineData("{\"type\":", "{\"type\":", "")]
    [InlineData("{\"type\":\"text\",\"text\":\"", "\\u4f60", "\"}")]
    [InlineData("{\"type\":\"home\",", "\"home\":1,", "\"x\":1}")]
    [InlineData("{\"type\":\"touch\",\"x\":", "9", "}")]
    [InlineData("{\"type\":\"touch\",\"x\":1e", "9", "}")]
    [InlineData("{", " ", "}")]
    public void A_long_one_is_refused_for_little_memory(string start, string more, string end)
    {
        var message = Encoding.UTF8.GetBytes(
            start + string.Concat(Enumerable.Repeat(more, Longest / more.Length)) + end);
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        Assert.False(InputMessage.Parse(message) is { } input && PhoneInput.Check(input) is null);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - allocated, 0, 16 * Longest);
    }

    /// <summary>By another reader, and the README.</summary>
    static bool IsRight(byte[] message)
    {
        using var json = JsonDocument.Parse(message, new() { AllowDuplicateProperties = false });
        var members = json.RootElement.EnumerateObject().ToDictionary(m => m.Name, m => m.Value);
        if (!members.Keys.All(Members.Contains) || !Types.Contains(members["type"].GetString()!))
            return false;
        double? Number(string name) => members.TryGetValue(name, out var value)
            && value.ValueKind == JsonValueKind.Number ? value.GetDouble() : null;
        return members["type"].GetString() switch
        {
            "touch" or "scroll" => Number("x") is >= 0 and var x && Number("y") is >= 0 and var y
                && x <= Number("width") && y <= Number("height") && Number("width") is > 0 and <= 16384
                && Number("height") is > 0 and <= 16384 && Number("pointer") is null or (>= 0 and <= 9)
                && Number("pressure") is null or (>= 0 and <= 1) && Number("dx") is null or (>= -16 and <= 16)
                && Number("dy") is null or (>= -16 and <= 16),
            "key" => PhoneKeys.Codes.ContainsKey(members["key"].GetString()!),
            "text" => members["text"].GetString() is { Length: >= 1 and <= 4096 },
            "clipboard" => members["text"].ValueKind == JsonValueKind.String,
            "pictures" => members["mode"].GetString() is "none" or "video" or "snapshots",
            _ => true,
        };
    }
}
