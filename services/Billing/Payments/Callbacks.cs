using CloudPhone.Shared.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CloudPhone.Billing.Payments;

/// <param name="Outcome"><c>duplicate</c> and <c>ignored</c> changed nothing.</param>
sealed record CallbackAnswer(CallbackOutcome Outcome);

static partial class Callbacks
{
    const int MaxBody = 256 << 10;

    public static void MapCallbacks(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/api/billing/payments/callback/{provider}", Handle).AllowAnonymous()
            .WithName("PaymentCallback").WithTags("Payments")
            .WithSummary("What a payment provider tells; its signature is the proof. What is no 200 changes nothing.")
            .WithMetadata(new BodyLimit(MaxBody)).ProducesProblem(400).ProducesProblem(404)
            .ProducesProblem(409).ProducesProblem(413).ProducesProblem(503);

    static async Task<Results<Ok<CallbackAnswer>, ProblemHttpResult>> Handle(
        string provider, HttpRequest request, PaymentProviders providers, Settlement settlement, TimeProvider clock,
        ILogger<Settlement> log, CancellationToken ct)
    {
        if (providers.Find(provider) is not { } known)
            return Problems.NotFound("payment provider");
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body, ct);
        try
        {
            var notice = known.Read(body.GetBuffer().AsSpan(0, (int)body.Length), request.Headers, clock.GetUtcNow());
            var outcome = notice is null ? CallbackOutcome.Ignored
                : await settlement.ApplyAsync(known.Name, notice, ct);
            Taken(log, known.Name, notice?.Type, notice?.EventId, outcome);
            return TypedResults.Ok(new CallbackAnswer(outcome));
        }
        catch (CallbackException e)
        {
            Refused(log, known.Name, e.Type, e.Message);
            return Problems.BadRequest(e.Type, e.Message);
        }
        catch (TooEarlyException e)
        {
            Refused(log, known.Name, "too-early", e.Message);
            return Problems.Conflict("too-early", e.Message);
        }
        catch (ProviderAwayException e)
        {
            return Problems.Unavailable("payment-provider-away", e.Message);
        }
    }

    [LoggerMessage(201, LogLevel.Information, "{Provider} told {Type} {Id}: {Outcome}")]
    static partial void Taken(ILogger log, string provider, string? type, string? id, CallbackOutcome outcome);

    [LoggerMessage(202, LogLevel.Warning, "A callback of {Provider} was refused: {Type}, {Reason}")]
    static partial void Refused(ILogger log, string provider, string type, string reason);
}
