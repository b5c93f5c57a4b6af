using Osc.Audit;
using Osc.Controller.Identities;

namespace Osc.Controller.Api.Requests;

/// <summary>Who makes a request: what he may do, and what the audit log says of him.</summary>
public static class Caller
{
    /// <summary>The header in which a client says why.</summary>
    public const string ReasonHeader = "Osc-Reason";

    public const int MaxReason = 1_000;

    /// <summary>The actor of a request whose token is missing or unknown.</summary>
    public const string Unknown = "unknown";

    public static Origin Of(HttpContext context) => new(
        IdentityOf(context)?.ActorName ?? Unknown,
        context.Connection.RemoteIpAddress?.ToString() ?? "",
        context.TraceIdentifier,
        ReasonOf(context));

    /// <summary>null: nobody who is known.</summary>
    public static CallerIdentity? IdentityOf(HttpContext context) => context.User.Identity as CallerIdentity;

    public static Permissions PermissionsOf(HttpContext context) => IdentityOf(context)?.Permissions ?? Permissions.None;

    /// <summary>One line, without what steers a terminal.</summary>
    private static string ReasonOf(HttpContext context)
    {
        var reason = string.Concat(context.Request.Headers[ReasonHeader].ToString().Select(c => char.IsControl(c) ? ' ' : c)).Trim();
        return reason.Length <= MaxReason ? reason : reason[..MaxReason];
    }
}
