using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CloudPhone.Billing.Refunds;

namespace CloudPhone.Billing.Payments.Sandbox;

/// <summary>
/// A provider without money, for development and tests: anybody who has the payment's page can pay. Its callbacks are
/// signed like those of real ones.
/// </summary>
sealed class SandboxProvider(string secret, string publicUrl) : IPaymentProvider
{
    public const string ProviderName = "sandbox";
    public const string SignatureHeader = "X-Sandbox-Signature";
    const string Succeeded = "payment.succeeded";
    const string Failed = "payment.failed";
    /// <summary>A refund whose amount ends so is refused, to see what happens then.</summary>
    const decimal RefusedCents = 0.13m;
    static readonly TimeSpan MaxAge = TimeSpan.FromMinutes(5);
    static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.Strict,
        RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true,
        AllowDuplicateProperties = false,
    };
    readonly byte[] _key = Encoding.UTF8.GetBytes(secret);

    public string Name => ProviderName;

    public Task<StartedPayment> StartAsync(Payment payment, string title, CancellationToken ct) =>
        Task.FromResult(new StartedPayment($"{publicUrl}{SandboxPage.PathOf(payment.Id)}", payment.Id.ToString()));

    public ProviderNotice? Read(ReadOnlySpan<byte> body, IHeaderDictionary headers, DateTimeOffset now)
    {
        Check(body, headers[SignatureHeader].ToString(), now);
        try
        {
            var root = JsonSerializer.Deserialize<JsonElement>(body, Json);
            var type = root.GetProperty("type").GetString();
            if (type is not (Succeeded or Failed))
                return null;
            var e = root.Deserialize<SandboxEvent>(Json)!;
            if (e.Id.Length is 0 or > Payment.MaxReferenceLength)
                throw new CallbackException("bad-callback", "The event's id has 1 to 255 characters.");
            return new PaymentNotice(
                e.Id, e.Type, type == Succeeded ? PaymentFact.Succeeded : PaymentFact.Failed, e.PaymentId, e.OrderId,
                e.Amount, e.Currency, Reference: null, Capture: $"sandbox_{e.PaymentId}", e.Reason);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw new CallbackException("bad-callback", "The body is no event of the sandbox.");
        }
    }

    void Check(ReadOnlySpan<byte> body, string header, DateTimeOffset now)
    {
        var parts = header.Split(',').Select(p => p.Split('=', 2)).ToLookup(p => p[0].Trim(), p => p[^1]);
        if (!long.TryParse(parts["t"].FirstOrDefault(), NumberStyles.None, CultureInfo.InvariantCulture, out var time)
            || !CryptographicOperations.FixedTimeEquals(
                Encoding.UTF8.GetBytes(Signature(time, body)),
                Encoding.UTF8.GetBytes(parts["v1"].FirstOrDefault() ?? "")))
            throw new CallbackException("bad-signature", $"{SignatureHeader} does not fit to the body.");
        if (Math.Abs((decimal)now.ToUnixTimeSeconds() - time) > (decimal)MaxAge.TotalSeconds)
            throw new CallbackException("callback-too-old", "The callback was signed too long ago, or ahead of time.");
    }

    /// <summary>What the payer's click makes the provider tell: the same event for each click.</summary>
    public (byte[] Body, string Signature) Tell(Payment payment, bool isPaid, DateTimeOffset now)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(new SandboxEvent(
            $"evt_{payment.Id:N}_{(isPaid ? "paid" : "refused")}", isPaid ? Succeeded : Failed, payment.Id,
            payment.OrderId, payment.Amount, payment.Currency, isPaid ? null : "The payer refused."), Json);
        var time = now.ToUnixTimeSeconds();
        return (body, $"t={time},v1={Signature(time, body)}");
    }

    string Signature(long time, ReadOnlySpan<byte> body)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, _key);
        hmac.AppendData(Encoding.ASCII.GetBytes(time.ToString(CultureInfo.InvariantCulture) + "."));
        hmac.AppendData(body);
        return Convert.ToHexStringLower(hmac.GetHashAndReset());
    }

    public Task<ClosedPayment> CloseAsync(Payment payment, CancellationToken ct) =>
        Task.FromResult(new ClosedPayment(IsFinal: true));

    public Task<RefundAnswer> RefundAsync(Payment payment, Refund refund, CancellationToken ct) =>
        Task.FromResult(refund.Amount % 1 == RefusedCents
            ? new RefundAnswer(RefundState.Refused, null, "The sandbox refuses amounts that end in .13.")
            : new RefundAnswer(RefundState.Done, $"sandbox_{refund.Id}"));

    /// <summary>It tells of no refunds.</summary>
    public Task<Guid?> PaymentOfAsync(string capture, CancellationToken ct) => Task.FromResult<Guid?>(null);

    sealed record SandboxEvent(
        string Id, string Type, Guid PaymentId, Guid OrderId, decimal Amount, string Currency, string? Reason = null);
}
