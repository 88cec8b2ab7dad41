namespace CloudPhone.Media.Recordings.Mp4;

/// <summary>
/// What a fragmented MP4 begins with: one track of H.264, and no pictures yet. The entry is <c>avc3</c>: parameter sets
/// come with each key frame, so a phone that is turned, or an encoder that begins anew, goes on in the same file.
/// </summary>
static class MovieHead
{
    public const uint Timescale = 90_000;
    const uint Track = 1, AnyFlags = 0;
    /// <summary>Language "und", in three times five bits.</summary>
    const ushort NoLanguage = 0x55C4;

    /// <returns>Where the durations are, which are known later: 64 bits each.</returns>
    public static int[] Write(BoxWriter w, int width, int height, ReadOnlySpan<byte> sps, ReadOnlySpan<byte> pps)
    {
        var ftyp = w.Begin("ftyp");
        w.Text("iso6");
        w.U32(0);
        w.Text("iso6iso5mp41avc1");
        w.End(ftyp);
        var moov = w.Begin("moov");
        var movie = w.Begin("mvhd", 1);
        var movieTime = Times(w, withTrack: false);
        w.U32(0x10000); // at its own speed
        w.U16(0x100);
        w.Zeros(10);
        Matrix(w);
        w.Zeros(24);
        w.U32(Track + 1);
        w.End(movie);
        var trak = w.Begin("trak");
        var head = w.Begin("tkhd", 1, 3);
        var trackTime = Times(w, withTrack: true);
        w.Zeros(16);
        Matrix(w);
        w.U32((uint)width << 16);
        w.U32((uint)height << 16);
        w.End(head);
        var media = w.Begin("mdia");
        var mdhd = w.Begin("mdhd", 1);
        var mediaTime = Times(w, withTrack: false);
        w.U16(NoLanguage);
        w.U16(0);
        w.End(mdhd);
        var handler = w.Begin("hdlr", 0);
        w.U32(0);
        w.Text("vide");
        w.Zeros(12);
        w.Text("screen");
        w.U8(0);
        w.End(handler);
        Information(w, width, height, sps, pps);
        w.End(media);
        w.End(trak);
        var extends = w.Begin("mvex");
        var length = w.Begin("mehd", 1);
        var lengthAt = w.Length;
        w.U64(0);
        w.End(length);
        var trex = w.Begin("trex", 0);
        w.U32(Track);
        w.U32(1);
        w.Zeros(8);
        w.U32(AnyFlags);
        w.End(trex);
        w.End(extends);
        w.End(moov);
        return [movieTime, trackTime, mediaTime, lengthAt];
    }

    /// <returns>Where the duration is.</returns>
    static int Times(BoxWriter w, bool withTrack)
    {
        w.Zeros(16); // when it was made: the platform knows that, and whoever gets the file need not
        w.U32(withTrack ? Track : Timescale);
        if (withTrack)
            w.U32(0);
        w.U64(0);
        return w.Length - 8;
    }

    static void Matrix(BoxWriter w)
    {
        foreach (var value in (ReadOnlySpan<uint>)[0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000])
            w.U32(value);
    }

    static void Information(
        BoxWriter w, int width, int height, ReadOnlySpan<byte> sps, ReadOnlySpan<byte> pps)
    {
        var minf = w.Begin("minf");
        var vmhd = w.Begin("vmhd", 0, 1);
        w.Zeros(8);
        w.End(vmhd);
        var dinf = w.Begin("dinf");
        var dref = w.Begin("dref", 0);
        w.U32(1);
        w.End(w.Begin("url ", 0, 1)); // in this file
        w.End(dref);
        w.End(dinf);
        var stbl = w.Begin("stbl");
        var stsd = w.Begin("stsd", 0);
        w.U32(1);
        SampleEntry(w, width, height, sps, pps);
        w.End(stsd);
        ReadOnlySpan<(string, int)> tables = [("stts", 4), ("stsc", 4), ("stsz", 8), ("stco", 4)];
        foreach (var (table, zeros) in tables)
        {
            var empty = w.Begin(table, 0);
            w.Zeros(zeros);
            w.End(empty);
        }
        w.End(stbl);
        w.End(minf);
    }

    static void SampleEntry(BoxWriter w, int width, int height, ReadOnlySpan<byte> sps, ReadOnlySpan<byte> pps)
    {
        var entry = w.Begin("avc3");
        w.Zeros(6);
        w.U16(1);
        w.Zeros(16);
        w.U16((ushort)width);
        w.U16((ushort)height);
        w.U32(0x480000); // 72 dots per inch
        w.U32(0x480000);
        w.U32(0);
        w.U16(1);
        w.Zeros(32);
        w.U16(0x18);
        w.U16(0xFFFF);
        var avcc = w.Begin("avcC");
        w.U8(1);
        w.Bytes(sps[1..4]); // profile, constraints, level
        w.U8(0xFC | 3); // lengths have 4 bytes
        w.U8(0xE0 | 1);
        w.U16((ushort)sps.Length);
        w.Bytes(sps);
        w.U8(1);
        w.U16((ushort)pps.Length);
        w.Bytes(pps);
        w.End(avcc);
        w.End(entry);
    }
}
