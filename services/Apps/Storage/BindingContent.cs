using System.Buffers.Text;
using System.Net;
using System.Text;
using System.Text.Json;

namespace CloudPhone.Apps.Storage;

/// <summary>
/// The JSON that invokes a binding. Data always goes as Base64: the runtime's local storage decodes whatever happens to
/// be that, and S3 is told to. The part's name stands there twice, for local storage and S3 each have a word for it.
/// </summary>
sealed class BindingContent : HttpContent
{
    /// <summary>A multiple of 3, so that what comes of it needs no padding.</summary>
    const int Step = 48 << 10;
    static readonly byte[] End = "\"}"u8.ToArray();
    readonly byte[] _beginning;
    readonly ReadOnlyMemory<byte> _data;

    public BindingContent(string operation, string name, ReadOnlyMemory<byte> data)
    {
        var (o, n) = (JsonEncodedText.Encode(operation), JsonEncodedText.Encode(name));
        _beginning = Encoding.UTF8.GetBytes(
            $$"""{"operation":"{{o}}","metadata":{"fileName":"{{n}}","key":"{{n}}"},"data":" """.TrimEnd());
        _data = data;
        Headers.ContentType = new("application/json");
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _beginning.Length + Base64.GetMaxEncodedToUtf8Length(_data.Length) + End.Length;
        return true;
    }

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        await stream.WriteAsync(_beginning);
        var text = new byte[Base64.GetMaxEncodedToUtf8Length(Math.Min(Step, _data.Length))];
        for (var at = 0; at < _data.Length; at += Step)
        {
            Base64.EncodeToUtf8(_data.Span[at..Math.Min(at + Step, _data.Length)], text, out _, out var n);
            await stream.WriteAsync(text.AsMemory(0, n));
        }
        await stream.WriteAsync(End);
    }
}
