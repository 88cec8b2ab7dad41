namespace CloudPhone.Media.Tests.WebRtc;

static class Hex
{
    /// <summary>Spaces and line ends between the digits do not count.</summary>
    public static byte[] Bytes(string text) =>
        Convert.FromHexString(string.Concat(text.Where(c => !char.IsWhiteSpace(c))));
}
