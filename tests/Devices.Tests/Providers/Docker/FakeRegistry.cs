using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace CloudPhone.Devices.Tests.Providers.Docker;

/// <summary>A registry (API version 2) with one small image, <c>phone:1</c>. Engines need no TLS for one on
/// 127.0.0.1.</summary>
sealed class FakeRegistry : IAsyncDisposable
{
    const string ManifestType = "application/vnd.docker.distribution.manifest.v2+json";
    readonly WebApplication _web;
    readonly Dictionary<string, byte[]> _blobs = [];
    readonly byte[] _manifest;
    readonly string _layer;
    int _layersSent;

    FakeRegistry(WebApplication web)
    {
        _web = web;
        var tar = Tar();
        var (layer, config) = (Gzip(tar), Encoding.UTF8.GetBytes(JsonSerializer.Serialize(new
        {
            architecture = "amd64", os = "linux", config = new { }, history = Array.Empty<object>(),
            rootfs = new { type = "layers", diff_ids = new[] { Digest(tar) } },
        })));
        (_blobs[Digest(layer)], _blobs[Digest(config)], _layer) = (layer, config, Digest(layer));
        _manifest = JsonSerializer.SerializeToUtf8Bytes(new
        {
            schemaVersion = 2, mediaType = ManifestType,
            config = new
            {
                mediaType = "application/vnd.docker.container.image.v1+json", size = config.Length,
                digest = Digest(config),
            },
            layers = new[]
            {
                new { mediaType = "application/vnd.docker.image.rootfs.diff.tar.gzip", size = layer.Length,
                    digest = Digest(layer) },
            },
        });
    }

    public string Image => $"{Authority}/phone:1";
    public string Authority => new Uri(_web.Urls.First()).Authority;
    public int LayersSent => _layersSent;

    /// <summary>The second half of the layer is sent once it is completed.</summary>
    public TaskCompletionSource Gate { get; } = new();

    public static async Task<FakeRegistry> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var web = builder.Build();
        web.Urls.Add("http://127.0.0.1:0");
        var registry = new FakeRegistry(web);
        web.MapGet("/v2/", () => Results.Ok());
        web.MapMethods("/v2/phone/manifests/{reference}", ["GET", "HEAD"], registry.ManifestAsync);
        web.MapGet("/v2/phone/blobs/{digest}", registry.BlobAsync);
        await web.StartAsync();
        return registry;
    }

    Task ManifestAsync(string reference, HttpContext http)
    {
        if (reference != "1" && reference != Digest(_manifest))
            return Results.Json(
                new { errors = new[] { new { code = "MANIFEST_UNKNOWN", message = "manifest unknown" } } },
                statusCode: 404).ExecuteAsync(http);
        (http.Response.ContentType, http.Response.ContentLength) = (ManifestType, _manifest.Length);
        http.Response.Headers["Docker-Content-Digest"] = Digest(_manifest);
        return HttpMethods.IsHead(http.Request.Method) ? Task.CompletedTask
            : http.Response.Body.WriteAsync(_manifest).AsTask();
    }

    async Task BlobAsync(string digest, HttpContext http)
    {
        if (!_blobs.TryGetValue(digest, out var blob))
        {
            http.Response.StatusCode = 404;
            return;
        }
        http.Response.ContentLength = blob.Length;
        if (digest != _layer)
        {
            await http.Response.Body.WriteAsync(blob);
            return;
        }
        Interlocked.Increment(ref _layersSent);
        await http.Response.Body.WriteAsync(blob.AsMemory(0, blob.Length / 2));
        await http.Response.Body.FlushAsync();
        await Gate.Task;
        await http.Response.Body.WriteAsync(blob.AsMemory(blob.Length / 2));
    }

    /// <summary>Of bytes that don't get smaller, so that engines tell how far they are.</summary>
    static byte[] Tar()
    {
        using var stream = new MemoryStream();
        using (var writer = new TarWriter(stream, TarEntryFormat.Ustar, leaveOpen: true))
            writer.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, "data")
            {
                DataStream = new MemoryStream(RandomNumberGenerator.GetBytes(4 << 20)),
            });
        return stream.ToArray();
    }

    static byte[] Gzip(byte[] bytes)
    {
        using var stream = new MemoryStream();
        using (var zip = new GZipStream(stream, CompressionLevel.Fastest, leaveOpen: true))
            zip.Write(bytes);
        return stream.ToArray();
    }

    static string Digest(byte[] bytes) => $"sha256:{Convert.ToHexStringLower(SHA256.HashData(bytes))}";

    public ValueTask DisposeAsync()
    {
        Gate.TrySetResult();
        return _web.DisposeAsync();
    }
}
