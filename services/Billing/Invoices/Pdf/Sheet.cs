using System.Globalization;
using System.Text;
using PdfSharp.Drawing;

namespace CloudPhone.Billing.Invoices.Pdf;

/// <summary>Sets text on a page. Distances are in points from the upper left corner.</summary>
sealed class Sheet(XGraphics graphics)
{
    public static readonly XColor Ink = XColor.FromArgb(0x22, 0x22, 0x22);
    public static readonly XColor Grey = XColor.FromArgb(0x6b, 0x72, 0x80);

    const double Leading = 1.45;

    /// <summary>Text from the left, broken into lines where it is wider.</summary>
    /// <returns>Where the next line would begin.</returns>
    public double Left(string text, XFont font, double x, double y, double width, XColor? color = null)
    {
        foreach (var line in Lines(text, font, width))
            y = Line(line, font, x, y, color, XStringFormats.TopLeft);
        return y;
    }

    /// <summary>Text that ends at x, broken likewise.</summary>
    /// <returns>Where the next line would begin.</returns>
    public double Right(string text, XFont font, double x, double y, double width, XColor? color = null)
    {
        foreach (var line in Lines(text, font, width))
            y = Line(line, font, x, y, color, XStringFormats.TopRight);
        return y;
    }

    double Line(string text, XFont font, double x, double y, XColor? color, XStringFormat format)
    {
        graphics.DrawString(text, font, new XSolidBrush(color ?? Ink), x, y, format);
        return y + font.Size * Leading;
    }

    public void Rule(double x1, double x2, double y, double width = 0.5, XColor? color = null) =>
        graphics.DrawLine(new XPen(color ?? Grey, width), x1, y, x2, y);

    public void Band(double x, double y, double width, double height) =>
        graphics.DrawRectangle(new XSolidBrush(XColor.FromArgb(0xf3, 0xf4, 0xf6)), x, y, width, height);

    /// <summary>Breaks after a space, or between any two characters where a word, as Chinese is, fills the
    /// line.</summary>
    List<string> Lines(string text, XFont font, double width)
    {
        var lines = new List<string>();
        var line = new StringBuilder();
        foreach (var character in Characters(text))
        {
            line.Append(character);
            if (line.Length == character.Length || graphics.MeasureString(line.ToString(), font).Width <= width)
                continue;
            var full = line.ToString();
            var end = full.LastIndexOf(' ', full.Length - 2) is var space and > 0 ? space + 1
                : full.Length - character.Length;
            lines.Add(full[..end].TrimEnd());
            line.Clear().Append(full[end..]);
        }
        lines.Add(line.ToString());
        return lines;
    }

    /// <summary>What belongs together stays together; what can't be shown, like half a character, is marked.</summary>
    static IEnumerable<string> Characters(string text)
    {
        var elements = StringInfo.GetTextElementEnumerator(text);
        while (elements.MoveNext())
        {
            var element = elements.GetTextElement();
            yield return element.Any(c => char.IsControl(c)) ? " "
                : element.EnumerateRunes().Any(r => r == Rune.ReplacementChar) ? "�" : element;
        }
    }
}
