using Osc.Audit;

namespace Osc.Controller.Api.Requests;

/// <summary>Who makes a request, for the audit log.</summary>
public static class Caller
{
    /// <summary>The header in which a client says why.</summary>
    public const string ReasonHeader = "Osc-Reason";

    public const int MaxReason = 1_000;

    /// <summary>The actor of a request whose token is missing or unknown.</summary>
    public const string Unknown = "unknown";

    public static Origin Of(HttpContext context)
    {
        var reason = context.Request.Headers[ReasonHeader].ToString().Trim();
        return new(
            context.User.Identity?.Name ?? Unknown,
            context.Connection.RemoteIpAddress?.ToString() ?? "",
            context.TraceIdentifier,
            reason.Length <= MaxReason ? reason : reason[..MaxReason]);
    }
}
