using CloudPhone.Shared.Auth;

namespace CloudPhone.Platform.Tests.BadInput;

/// <summary>Who calls, and with which status it must be refused. Null: it may be let in.</summary>
sealed record Caller(
    string Kind, string? Bearer, Func<Operation, int?> AtService, Func<Operation, int?> AtGateway,
    (string Name, string Value)? Header = null)
{
    /// <summary>Whose token is none: 401 wherever one is needed.</summary>
    public static Caller Nobody(string kind, string? bearer, (string, string)? header = null) =>
        Of(kind, bearer, o => o.Audience == Audience.Anybody ? null : 401, header);

    /// <summary>A service's token in the header meant for it, which the gateway takes off.</summary>
    public static Caller Service(string token) =>
        Nobody("a service", null, (ServiceTokens.Header, token)) with { AtService = _ => null };

    /// <summary>Signed in, and neither the owner nor of a higher role.</summary>
    public static Caller Stranger(string bearer) => Of("another user", bearer, o => o.Audience switch
    {
        Audience.Users => o.IsOwned ? 404 : null,
        Audience.Operators or Audience.Admins => 403,
        Audience.Services => 401,
        _ => null,
    });

    /// <summary>May see what is anybody's, but not do what admins do.</summary>
    public static Caller Operator(string bearer) => Of("an operator", bearer, o => o.Audience switch
    {
        Audience.Admins => 403,
        Audience.Services => 401,
        _ => null,
    });

    public static Caller Admin(string bearer) =>
        Of("an admin", bearer, o => o.Audience == Audience.Services ? 401 : null);

    /// <summary>Routes of services are not there at the gateway, whoever asks.</summary>
    static Caller Of(string kind, string? bearer, Func<Operation, int?> refusal, (string, string)? header = null) =>
        new(kind, bearer, refusal, o => o.Audience == Audience.Services ? 404 : refusal(o), header);
}
