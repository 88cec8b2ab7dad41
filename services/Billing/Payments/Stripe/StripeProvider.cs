using System.Net;
using Stripe;
using Stripe.Checkout;
using Refund = CloudPhone.Billing.Refunds.Refund;
using StripeRefund = Stripe.Refund;

namespace CloudPhone.Billing.Payments.Stripe;

/// <summary>Checkout sessions: the user pays on Stripe's page, and no card number comes near this platform.</summary>
sealed partial class StripeProvider(
    StripeSettings settings, string returnUrl, TimeProvider clock, ILogger<StripeProvider> log) : IPaymentProvider
{
    public const string ProviderName = "stripe";
    /// <summary>Stripe takes no less than 30 minutes, from its own clock; the page is closed earlier by us.</summary>
    static readonly TimeSpan SessionLife = TimeSpan.FromMinutes(60);
    /// <summary>Well within the day for which Stripe knows an idempotency key.</summary>
    static readonly TimeSpan KeyIsSafe = TimeSpan.FromHours(1);
    readonly StripeCalls _calls = new(settings);

    public string Name => ProviderName;

    public async Task<StartedPayment> StartAsync(Payment payment, string title, CancellationToken ct)
    {
        var options = Options(payment, title);
        try
        {
            var session = await _calls.DoAsync(
                token => new SessionService(_calls.Client).CreateAsync(options, Key($"pay-{payment.Id}"), token), ct);
            return new(session.Url, session.Id);
        }
        catch (StripeException e)
        {
            throw new ProviderRefusedException(Reason(e));
        }
    }

    SessionCreateOptions Options(Payment payment, string title)
    {
        var ids = StripeIds.Of(payment);
        return new()
        {
            Mode = "payment", ClientReferenceId = payment.OrderId.ToString(), Metadata = ids,
            PaymentIntentData = new() { Metadata = ids, Description = title },
            AdaptivePricing = new() { Enabled = false }, // the amount that comes is the amount that was asked for
            // the same at each repetition, as Stripe wants of one key
            ExpiresAt = (payment.CreatedAt + SessionLife).UtcDateTime,
            SuccessUrl = $"{returnUrl}?order={payment.OrderId}&payment=done",
            CancelUrl = $"{returnUrl}?order={payment.OrderId}&payment=cancelled",
            LineItems =
            [
                new()
                {
                    Quantity = 1,
                    PriceData = new()
                    {
                        Currency = payment.Currency.ToLowerInvariant(),
                        UnitAmount = Money.ToMinor(payment.Amount, payment.Currency),
                        ProductData = new() { Name = title },
                    },
                },
            ],
        };
    }

    public ProviderNotice? Read(ReadOnlySpan<byte> body, IHeaderDictionary headers, DateTimeOffset now) =>
        StripeCallbacks.Read(body, headers["Stripe-Signature"].ToString(), settings.WebhookSecret, now);

    public async Task<ClosedPayment> CloseAsync(Payment payment, CancellationToken ct)
    {
        if (payment.Reference is not { } id)
            return new(IsFinal: true); // its page was never shown to anybody
        var sessions = new SessionService(_calls.Client);
        try
        {
            // a key of its own for each try: under the same one Stripe would repeat its first answer
            await _calls.DoAsync(
                token => sessions.ExpireAsync(id, null, Key($"close-{payment.Id}-{Guid.CreateVersion7()}"), token), ct);
            return new(IsFinal: true);
        }
        catch (StripeException)
        {
            // it was paid, or is closed already, or can't be closed just now
        }
        var session = await _calls.ReadAsync(token => sessions.GetAsync(id, null, null, token), ct);
        return session switch
        {
            { PaymentStatus: "paid" } => new(true, StripeCallbacks.Of(
                session, PaymentFact.Succeeded, $"asked_{session.Id}", "checkout.session")),
            { Status: "complete" or "open" } => new(IsFinal: false), // like a bank transfer: days
            _ => new(IsFinal: true),
        };
    }

    public async Task<RefundAnswer> RefundAsync(Payment payment, Refund refund, CancellationToken ct)
    {
        var refunds = new RefundService(_calls.Client);
        if (refund.Reference is { } known)
            return Answer(await _calls.ReadAsync(token => refunds.GetAsync(known, null, null, token), ct));
        if (await FindAsync(refunds, payment, refund, ct) is { } before)
            return Answer(before);
        try
        {
            return Answer(await _calls.DoAsync(token => refunds.CreateAsync(
                Options(payment, refund), Key($"refund-{refund.Id}"), token), ct));
        }
        catch (StripeException e)
        {
            return new(RefundState.Refused, null, Reason(e)); // of this call alone: it says that there is no refund
        }
    }

    /// <summary>Stripe forgets keys after a day: one that an earlier try has made is looked for. A try that the end of
    /// the process broke off is not counted.</summary>
    async Task<StripeRefund?> FindAsync(RefundService refunds, Payment payment, Refund refund, CancellationToken ct)
    {
        if (refund.Attempts <= 1 && clock.GetUtcNow() - refund.CreatedAt < KeyIsSafe)
            return null;
        var made = await _calls.ReadAsync(
            token => refunds.ListAsync(new() { PaymentIntent = payment.Capture, Limit = 100 }, null, token), ct);
        return made.FirstOrDefault(r => StripeIds.Read(r.Metadata, StripeIds.RefundId) == refund.Id);
    }

    /// <summary>A key that may not read payment intents is one for good. Were it an error, each refund of others who
    /// share the account would fail for days, until Stripe switched the webhook off, payments included.</summary>
    public async Task<Guid?> PaymentOfAsync(string capture, CancellationToken ct)
    {
        try
        {
            var intent = await _calls.DoAsync(
                token => new PaymentIntentService(_calls.Client).GetAsync(capture, null, null, token), ct);
            return StripeIds.Read(intent.Metadata, StripeIds.PaymentId);
        }
        catch (StripeException e)
        {
            return e.HttpStatusCode == HttpStatusCode.NotFound ? null : throw new ProviderAwayException(Name, e);
        }
        catch (ProviderAwayException e)
            when (e.InnerException is StripeException { HttpStatusCode: HttpStatusCode.Forbidden } refusal)
        {
            MayNotRead(log, capture, Reason(refusal));
            return null;
        }
    }

    static RefundCreateOptions Options(Payment payment, Refund refund) => new()
    {
        PaymentIntent = payment.Capture, Amount = Money.ToMinor(refund.Amount, refund.Currency),
        Metadata = new() { [StripeIds.RefundId] = refund.Id.ToString() },
    };

    static RefundAnswer Answer(StripeRefund refund) =>
        new(StripeCallbacks.StateOf(refund), refund.Id, refund.FailureReason);

    static RequestOptions Key(string key) => new() { IdempotencyKey = key };

    static string Reason(StripeException e) => e.StripeError?.Message ?? e.Message;

    [LoggerMessage(203, LogLevel.Error, "A refund of {Capture} is ignored: STRIPE_SECRET_KEY needs the permission "
        + "'PaymentIntents: read' to know whether that payment is one of ours. Stripe says: {Reason}")]
    static partial void MayNotRead(ILogger log, string capture, string reason);
}
