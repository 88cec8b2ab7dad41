using System.Buffers;
using System.Text.Json;

namespace CloudPhone.Sidecar.Actors;

/// <summary>The JSON that timers and reminders carry to the app and that the API answers.</summary>
static class CallbackBody
{
    public static byte[] Timer(string callback, byte[]? data, string dueTime, string period) => Write(w =>
    {
        w.WriteString("callback", callback);
        WriteData(w, data);
        w.WriteString("dueTime", dueTime);
        w.WriteString("period", period);
    });

    /// <summary>What a reminder brings; the runtime leaves its times empty, and so do we.</summary>
    public static byte[] Reminder(byte[]? data) => Write(w =>
    {
        WriteData(w, data);
        w.WriteString("dueTime", "");
        w.WriteString("period", "");
    });

    public static byte[] Write(Action<Utf8JsonWriter> members)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            members(writer);
            writer.WriteEndObject();
        }
        return buffer.WrittenSpan.ToArray();
    }

    public static void WriteData(Utf8JsonWriter writer, byte[]? data)
    {
        writer.WritePropertyName("data");
        if (data is null)
            writer.WriteNullValue();
        else
            writer.WriteRawValue(data);
    }
}
