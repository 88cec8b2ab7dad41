using System.Text.Json;

namespace CloudPhone.Devices.Quotas;

/// <summary>A refusal with its figures, kept as the reason for which a creation ended, so that the answer can show
/// them.</summary>
static class QuotaRefusal
{
    const int MaxReason = 400;
    static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public static string Write(QuotaAnswer answer) =>
        JsonSerializer.Serialize(
            answer with { Reason = answer.Reason?[..Math.Min(answer.Reason.Length, MaxReason)] }, Json);

    public static QuotaAnswer? Read(string? reason)
    {
        try
        {
            return reason is null ? null : JsonSerializer.Deserialize<QuotaAnswer>(reason, Json);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
