using System.Text;
using CloudPhone.Apk;
using CloudPhone.Apps.Storage;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace CloudPhone.Apps.Uploads;

/// <summary>The parts of a multipart upload, in whatever order they came.</summary>
sealed class UploadForm : IAsyncDisposable
{
    const int MaxFieldBytes = 16 << 10;
    const int MaxBoundary = 100;
    static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);
    readonly Dictionary<string, string> _fields = [];

    public IncomingFile? File { get; private set; }
    public string? this[string field] => _fields.GetValueOrDefault(field);

    /// <param name="fields">The text fields that are known; any other is refused.</param>
    /// <exception cref="BadHttpRequestException">It is no multipart form, or not one of these parts.</exception>
    /// <exception cref="StoreException">It can't be written down.</exception>
    public static async Task<UploadForm> ReadAsync(
        HttpRequest request, Spool spool, long maxBytes, IReadOnlyCollection<string> fields, CancellationToken ct)
    {
        var form = new UploadForm();
        try
        {
            var reader = new MultipartReader(Boundary(request), request.Body);
            while (await reader.ReadNextSectionAsync(ct) is { } section)
                await form.TakeAsync(section, spool, maxBytes, fields, ct);
            return form.File is not null ? form
                : throw new BadHttpRequestException("The part file, with the APK, is missing.");
        }
        catch (Exception e)
        {
            await form.DisposeAsync();
            if (e is InvalidDataException or DecoderFallbackException or IOException and not BadHttpRequestException)
                throw new BadHttpRequestException("The multipart body can't be read: it is cut short or malformed.", e);
            throw;
        }
    }

    static string Boundary(HttpRequest request) =>
        MediaTypeHeaderValue.TryParse(request.ContentType, out var type) && type.MediaType == "multipart/form-data"
        && HeaderUtilities.RemoveQuotes(type.Boundary).Value is { Length: > 0 and <= MaxBoundary } boundary
            ? boundary
            : throw new BadHttpRequestException(
                "Send the file as multipart/form-data.", StatusCodes.Status415UnsupportedMediaType);

    async Task TakeAsync(
        MultipartSection section, Spool spool, long maxBytes, IReadOnlyCollection<string> fields,
        CancellationToken ct)
    {
        var name = ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out var disposition)
            ? HeaderUtilities.RemoveQuotes(disposition.Name).Value : null;
        if (name == "file" && File is null)
            File = await IncomingFile.ReceiveAsync(section.Body, spool, maxBytes, ct);
        else if (name is null || !fields.Contains(name) || !_fields.TryAdd(name, await TextAsync(section.Body, ct)))
            throw new BadHttpRequestException(
                $"The form has one part file and at most one each of: {string.Join(", ", fields)}.");
    }

    static async Task<string> TextAsync(Stream body, CancellationToken ct)
    {
        var buffer = new byte[MaxFieldBytes + 1];
        var n = await body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, ct);
        return n <= MaxFieldBytes ? StrictUtf8.GetString(buffer, 0, n)
            : throw new BadHttpRequestException($"A field of the form is longer than {MaxFieldBytes} bytes.");
    }

    /// <exception cref="ApkException">The file is none.</exception>
    public Task<ApkContents> ReadApkAsync(CancellationToken ct) =>
        Task.Run(() => ApkFile.Inspect(File!.TemporaryPath), ct);

    public ValueTask DisposeAsync() => File?.DisposeAsync() ?? ValueTask.CompletedTask;
}
