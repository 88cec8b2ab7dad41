using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using CloudPhone.Apk;
using CloudPhone.PhoneSimulator.Lifetime;
using CloudPhone.PhoneSimulator.Packages;

namespace CloudPhone.PhoneSimulator.Control;

/// <summary>What the control port answers, to those who show the phone's token.</summary>
sealed class ControlRoutes(Phone phone, PhoneLifetime lifetime)
{
    public const string TokenHeader = "X-Phone-Token";
    readonly byte[] _token = Encoding.UTF8.GetBytes(phone.Folder.Identity.Token);

    public async Task<ControlAnswer> AnswerAsync(ControlRequest request)
    {
        if (!CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(request[TokenHeader] ?? ""), _token))
            return Error(401, "This phone's token is missing or wrong.");
        lifetime.Called();
        return (request.Method, request.Path) switch
        {
            ("GET", "/status") or ("POST", "/power/on") => Ok(phone.Status, PhoneJson.Default.PhoneStatus),
            ("POST", "/power/off") => PowerOff(),
            ("GET", "/packages") => Ok(new(phone.Packages), PhoneJson.Default.PackageList),
            ("POST", "/packages") => await InstallAsync(request),
            ("DELETE", var path) when path.StartsWith("/packages/", StringComparison.Ordinal) =>
                Uninstall(path["/packages/".Length..]),
            (var method, var path) when path.Split('/') is ["", "faults", ..] =>
                FaultRoutes.Answer(phone, request, method, path.Split('/')[2..]),
            _ => Error(404, "There is nothing here."),
        };
    }

    ControlAnswer PowerOff()
    {
        phone.PowerOff();
        return Ok(phone.Status, PhoneJson.Default.PhoneStatus) with { Then = lifetime.End };
    }

    async Task<ControlAnswer> InstallAsync(ControlRequest request)
    {
        if (!phone.IsBooted)
            return Error(409, "The phone has not booted yet.");
        if (PackageHeaders.Read(request) is not { } package)
            return Error(400, "X-Package-Name, X-Package-Version and X-Package-Version-Code say what is installed.");
        try
        {
            var sha256 = await ApkBody.ReceiveAsync(request.Body, request.ContentLength, phone.Folder.Path);
            if (package.Sha256 is { } expected && !expected.Equals(sha256, StringComparison.OrdinalIgnoreCase))
                return Error(422, "The APK is not the one that was announced: its SHA-256 differs.");
            return Ok(phone.Install(package.Name, package.Version, package.VersionCode, sha256, request.ContentLength),
                PhoneJson.Default.InstalledPackage);
        }
        catch (ApkException e)
        {
            return Error(422, e.Message);
        }
    }

    ControlAnswer Uninstall(string name) =>
        phone.Uninstall(name) ? Ok(phone.Status, PhoneJson.Default.PhoneStatus)
            : Error(404, "There is no such package.");

    internal static ControlAnswer Ok<T>(T value, JsonTypeInfo<T> type) =>
        new(200, JsonSerializer.SerializeToUtf8Bytes(value, type));

    internal static ControlAnswer Error(int status, string message) =>
        new(status, JsonSerializer.SerializeToUtf8Bytes(new ErrorAnswer(message), PhoneJson.Default.ErrorAnswer));
}
