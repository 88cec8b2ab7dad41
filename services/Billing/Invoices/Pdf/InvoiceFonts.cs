using PdfSharp.Drawing;
using PdfSharp.Fonts;

namespace CloudPhone.Billing.Invoices.Pdf;

/// <summary>The font of invoices, which comes with the program: servers have none of their own.</summary>
sealed class InvoiceFonts : IFontResolver
{
    const string Family = "invoices";
    const string File = "invoices.ttf";

    // PDFsharp knows one resolver for the whole process
    static InvoiceFonts() => GlobalFontSettings.FontResolver = new InvoiceFonts();

    public static XFont Plain(double size) => new(Family, size);

    public static XFont Bold(double size) => new(Family, size, XFontStyleEx.Bold);

    public FontResolverInfo ResolveTypeface(string familyName, bool isBold, bool isItalic) =>
        new(Family, mustSimulateBold: isBold, mustSimulateItalic: isItalic);

    public byte[] GetFont(string faceName)
    {
        using var file = typeof(InvoiceFonts).Assembly.GetManifestResourceStream(File)
            ?? throw new InvalidOperationException($"{File} is missing in the program.");
        using var bytes = new MemoryStream();
        file.CopyTo(bytes);
        return bytes.ToArray();
    }
}
