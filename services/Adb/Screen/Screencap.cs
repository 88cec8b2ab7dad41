namespace CloudPhone.Adb.Screen;

/// <summary>What is on a phone's screen, as a PNG.</summary>
static class Screencap
{
    static readonly byte[] Signature = [0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10];

    /// <param name="head">Bytes that are left free in front of it.</param>
    /// <exception cref="AdbException">The phone did not answer, or gave no picture, or one of over
    /// <paramref name="maxBytes"/>.</exception>
    public static async Task<byte[]> TakeAsync(this AdbPhone phone, int maxBytes, CancellationToken ct, int head = 0)
    {
        await using var stream = await phone.OpenAsync("exec:screencap -p", ct);
        using var png = new MemoryStream();
        png.SetLength(head);
        png.Position = head;
        var buffer = new byte[AdbHeader.MaxPayload];
        for (int n; (n = await stream.ReadAsync(buffer, ct)) > 0;)
            if (png.Length - head + n <= maxBytes)
                png.Write(buffer, 0, n);
            else
                throw new AdbException(AdbFault.Refused, "The phone's picture is too large.");
        return png.GetBuffer().AsSpan(head, (int)png.Length - head).StartsWith(Signature) ? png.ToArray()
            : throw new AdbException(AdbFault.Refused, "The phone gave no picture.");
    }
}
