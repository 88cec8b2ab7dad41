using System.Net;
using System.Text.Json;

namespace CloudPhone.Sidecar.PubSub;

enum Verdict { Success, Drop, Failure }

/// <summary>What the app's answer means for an event.</summary>
/// <param name="Code">Of a failure by status code; a retry policy's <c>matching</c> looks at it.</param>
sealed record AppAnswer(Verdict Verdict, int? Code = null, string Reason = "")
{
    static readonly AppAnswer Success = new(Verdict.Success);

    /// <exception cref="RetryRequestedException">The app asks for a retry, or says something unknown.</exception>
    public static AppAnswer ToEvent(HttpStatusCode status, ReadOnlySpan<byte> body)
    {
        if (OfStatus(status) is { } answer)
            return answer;
        return ReadStatus(body) switch
        {
            null or "" or "SUCCESS" => Success,
            "DROP" => new(Verdict.Drop, Reason: "the app answered DROP"),
            var other => throw new RetryRequestedException(other),
        };
    }

    /// <summary>What the status code alone decides; null: the body does.</summary>
    public static AppAnswer? OfStatus(HttpStatusCode status) => (int)status switch
    {
        >= 200 and < 300 => null,
        404 => new(Verdict.Drop, Reason: "the app answered 404"),
        var code => new(Verdict.Failure, code, $"the app answered {code}"),
    };

    /// <summary>What is no JSON object with a textual status is as good as no answer.</summary>
    static string? ReadStatus(ReadOnlySpan<byte> body)
    {
        if (body.IsEmpty)
            return null;
        try
        {
            var reader = new Utf8JsonReader(body);
            using var document = JsonDocument.ParseValue(ref reader);
            return document.RootElement is { ValueKind: JsonValueKind.Object } o
                && o.TryGetProperty("status", out var status) && status.ValueKind == JsonValueKind.String
                    ? status.GetString()
                    : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>The app wants the event again. It carries no code, so every retry policy takes it.</summary>
sealed class RetryRequestedException(string status) : Exception($"the app answered {status}");
