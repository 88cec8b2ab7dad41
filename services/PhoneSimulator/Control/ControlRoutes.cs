using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using CloudPhone.PhoneSimulator.Lifetime;

namespace CloudPhone.PhoneSimulator.Control;

/// <summary>What the control port answers, to those who show the phone's token.</summary>
sealed class ControlRoutes(Phone phone, PhoneLifetime lifetime)
{
    public const string TokenHeader = "X-Phone-Token";
    readonly byte[] _token = Encoding.UTF8.GetBytes(phone.Folder.Identity.Token);

    public ControlAnswer Answer(ControlRequest request)
    {
        if (!CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(request[TokenHeader] ?? ""), _token))
            return Error(401, "This phone's token is missing or wrong.");
        lifetime.Called();
        return (request.Method, request.Path) switch
        {
            ("GET", "/status") or ("POST", "/power/on") => Ok(phone.Status, PhoneJson.Default.PhoneStatus),
            ("POST", "/power/off") => PowerOff(),
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

    internal static ControlAnswer Ok<T>(T value, JsonTypeInfo<T> type) =>
        new(200, JsonSerializer.SerializeToUtf8Bytes(value, type));

    internal static ControlAnswer Error(int status, string message) =>
        new(status, JsonSerializer.SerializeToUtf8Bytes(new ErrorAnswer(message), PhoneJson.Default.ErrorAnswer));
}
