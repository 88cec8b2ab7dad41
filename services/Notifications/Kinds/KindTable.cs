using CloudPhone.Contracts;
using CloudPhone.Notifications.DeadLetters;
using CloudPhone.Notifications.People;
using CloudPhone.Notifications.Stored;
using CloudPhone.Notifications.Texts;
using CloudPhone.Shared.Messaging;
using static CloudPhone.Notifications.Kinds.MailRule;
using static CloudPhone.Notifications.Stored.Priority;

namespace CloudPhone.Notifications.Kinds;

/// <summary>
/// Who is told of which event, how loudly, and whether by mail as well. What is missing here is for no reader:
/// <c>billing.usage_charged</c> comes each minute for each phone.
/// </summary>
static class KindTable
{
    public static void MapKinds(this IEndpointRouteBuilder routes)
    {
        routes.Map<DeviceCreated>(new(e => e.UserId, Low, Wanted));
        routes.Map<DeviceCreationFailed>(new(e => e.UserId, High, Wanted));
        routes.Map<DeviceStarted>(new(e => e.UserId, Low, Wanted));
        routes.Map<DeviceStopped>(new(e => e.UserId, Low));
        routes.Map<DeviceDeleted>(new(e => e.UserId, Low));
        routes.Map<DeviceError>(new(e => e.UserId, Critical, Wanted, IsMinor: e => e.Priority == "LOW"));
        routes.Map<DeviceConnectionLost>(new(e => e.UserId, High, Wanted));
        routes.Map<DeviceRecovered>(new(e => e.UserId, Medium, Wanted));
        routes.Map<DeviceFailed>(new(e => e.UserId, Critical, Wanted));

        routes.Map<UserRegistered>(new(e => e.UserId, Medium, Wanted, Also: Contacts.OnRegistered));
        // no mail: whoever guesses passwords could fill the owner's mailbox
        routes.Map<UserLoginFailed>(new(e => e.UserId, Medium));
        routes.Map<UserPasswordChanged>(new(e => e.UserId, High, Always));
        // whoever asks is not logged in, and whoever is logged in needs no link
        routes.Map<UserPasswordResetRequested>(new(e => e.UserId, High, Always, IsMailOnly: true));
        // another address: its reader is told by this, the old one's by what follows; a language is no matter for mails
        routes.Map<UserProfileUpdated>(
            new(e => e.UserId, Medium, Always, IsMailed: e => e.OldEmail is not null, Also: Contacts.OnUpdated));
        routes.Map<UserEmailChangeRequested>(new(e => e.UserId, High, Always, IsMailOnly: true));
        routes.Map<UserEmailChanged>(new(e => e.UserId, High, Always));
        routes.Map<UserRolesChanged>(new(e => e.UserId, High, Always));
        routes.Map<UserApiKeyCreated>(new(e => e.UserId, High, Always));
        routes.Map<UserTwoFactorDisabled>(new(e => e.UserId, High, Always));
        // who can't log in any more reads it in the mail
        routes.Map<UserSuspended>(new(e => e.UserId, High, Always));
        routes.Map<UserReinstated>(new(e => e.UserId, High, Always));
        routes.Map<UserTwoFactorEnabled>(new(e => e.UserId, High, Always));
        routes.Map<UserQuotaUpdated>(new(e => e.UserId, Medium));
        // not what use costs, each minute: who looks for it finds it in the statement, and is warned when it runs out.
        // Of a plan its payment tells.
        routes.Map<UserBalanceUpdated>(
            new(e => e.UserId, Low, IsTold: e => e.Reason is not ("usage" or "plan" or "plan-refunded")
                || e is { Reason: "usage", Delta: > 0 }));

        routes.Map<AppInstalled>(new(e => e.UserId, Low));
        routes.Map<AppInstallFailed>(new(e => e.UserId, Medium, Wanted));
        routes.Map<AppUpdated>(new(e => e.UserId, Low));

        routes.Map<SchedulerActionDue>(new(e => e.UserId, Low));
        // the room is held for minutes
        routes.Map<SchedulerReservationStarted>(new(e => e.UserId, High, Wanted));
        routes.Map<SchedulerReservationExpired>(new(e => e.UserId, Medium));
        routes.Map<SchedulerNodeDown>(new(_ => Notification.Operators, Critical));

        routes.Map<BillingPaymentSuccess>(new(e => e.UserId, High, Wanted));
        routes.Map<BillingPaymentRefunded>(new(e => e.UserId, High, Wanted));
        // the user has the money in the balance again, and a document about it
        routes.Map<BillingRefundFailed>(new(_ => Notification.Operators, High));
        routes.Map<BillingInvoiceGenerated>(new(e => e.UserId, Medium, Wanted));
        routes.Map<BillingLowBalance>(new(e => e.UserId, Critical, Wanted));
        routes.Map<BillingBalanceExhausted>(new(e => e.UserId, Critical, Wanted));

        // each look at a phone: to be found, and not to be read
        routes.Map<MediaSessionStarted>(new(e => e.UserId, Low, IsQuiet: true));
        routes.Map<MediaSessionEnded>(new(e => e.UserId, Low, IsQuiet: true));

        routes.Map<SystemDeadLetter>(new(_ => Notification.Operators, High, Also: ReportedDeadLetters.OnDeadLetter));
    }

    static void Map<TEvent>(this IEndpointRouteBuilder routes, Kind<TEvent> kind) where TEvent : IEvent
    {
        routes.ServiceProvider.GetRequiredService<TextCatalogue>().Require(TEvent.EventName);
        routes.MapSubscription<TEvent>((TEvent e, EventEnvelope envelope, NotificationsDb db,
            NotificationOptions options, TimeProvider clock, CancellationToken ct) =>
                Storing.StoreAsync(kind, e, envelope, db, options, clock, ct));
    }
}
