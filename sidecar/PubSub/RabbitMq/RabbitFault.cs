using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace CloudPhone.Sidecar.PubSub.RabbitMq;

/// <summary>What RabbitMQ or the way to it says, in words that tell what to do.</summary>
static class RabbitFault
{
    const int AccessRefused = 403, PreconditionFailed = 406, NotAllowed = 530;

    /// <summary>The broker refuses it, and would again; anything else may pass.</summary>
    public static bool IsLasting(Exception error) => Reply(error)?.ReplyCode is AccessRefused or PreconditionFailed;

    public static BrokerException OfConnecting(RabbitSettings settings, Exception error)
    {
        var causes = Causes(error).ToList();
        if (causes.Exists(c => c is AuthenticationFailureException or PossibleAuthenticationFailureException))
            return new($"RabbitMQ at {settings.Server} does not accept the user or password: correct them in the "
                + $"component '{settings.Component}', or give the user this password", error);
        return causes.Select(Reply).FirstOrDefault(r => r is not null) is { ReplyCode: NotAllowed } reply
            ? new($"RabbitMQ at {settings.Server} does not let the user in ({reply.ReplyText}): create the virtual "
                + $"host, give the user its permissions, or correct the component '{settings.Component}'", error)
            : new($"RabbitMQ at {settings.Server} can't be reached ({causes[^1].Message}): start it, or correct the "
                + $"address in the component '{settings.Component}'", error);
    }

    /// <param name="what">Like "exchange 'a'".</param>
    public static BrokerException OfDeclaring(string what, Exception error) => Reply(error)?.ReplyCode switch
    {
        PreconditionFailed => new($"RabbitMQ refuses the {what} ({Text(error)}): if it exists with other arguments, "
            + "delete it there (with the messages in it) or give it another name here; it is used as soon as it fits",
            error),
        AccessRefused => new($"RabbitMQ does not let the user declare the {what} ({Text(error)}): give the user the "
            + "permission to configure, write and read it", error),
        _ => new($"the {what} can't be declared: {Text(error)}", error),
    };

    /// <summary>The broker's own words where there are some.</summary>
    public static string Text(Exception error) => Reply(error) is { } reply ? Text(reply) : error.Message;

    public static string Text(ShutdownEventArgs reason) => reason switch
    {
        { Exception: { } e } => e.Message,
        { Initiator: ShutdownInitiator.Peer } => $"{reason.ReplyText} ({reason.ReplyCode})",
        _ => reason.ReplyText,
    };

    static ShutdownEventArgs? Reply(Exception error) => (error as OperationInterruptedException)?.ShutdownReason;

    static IEnumerable<Exception> Causes(Exception error)
    {
        for (var e = error; e is not null; e = e.InnerException)
            yield return e;
    }
}
