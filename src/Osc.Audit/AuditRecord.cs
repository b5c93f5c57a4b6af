using System.Text;
using Osc.Model;

namespace Osc.Audit;

/// <summary>
/// One line of the audit log: who did what to which document, when, from where and why, and what came of it.
/// Texts are well-formed Unicode: half a surrogate pair, which has no UTF-8, becomes U+FFFD.
/// </summary>
public sealed record AuditRecord
{
    private const int TicksPerMicrosecond = (int)TimeSpan.TicksPerMicrosecond;

    /// <summary>Counts from 1 without a gap. 0 until the store has given it its place.</summary>
    public long Sequence { get; init; }

    /// <summary>UTC, to the microsecond: what is finer is cut off, so that a record is the same before and after it was stored.</summary>
    public required DateTimeOffset Time
    {
        get;
        init => field = new(value.UtcTicks - (value.UtcTicks % TicksPerMicrosecond), TimeSpan.Zero);
    }

    /// <summary>Who: a token's name, or "osc" for the controller itself, or "agent/HOST".</summary>
    public required string Actor { get; init => field = WellFormed(value); }

    /// <summary>Where from: an IP address; empty for the controller itself.</summary>
    public string Address { get; init => field = WellFormed(value); } = "";

    public string RequestId { get; init => field = WellFormed(value); } = "";

    /// <summary>What was done: one of <see cref="AuditAction"/>.</summary>
    public required string Action { get; init => field = WellFormed(value); }

    public string Tenant { get; init => field = WellFormed(value); } = "";

    public string Kind { get; init => field = WellFormed(value); } = "";

    public string Name { get; init => field = WellFormed(value); } = "";

    /// <summary>The document before, as canonical JSON; null if there was none.</summary>
    public string? Before { get; init => field = value is null ? null : WellFormed(value); }

    /// <summary>The document after, as canonical JSON; null if there is none. For what is no document: its particulars, as JSON.</summary>
    public string? After { get; init => field = value is null ? null : WellFormed(value); }

    public Revision Revision { get; init; }

    /// <summary>Why, in the actor's words.</summary>
    public string Reason { get; init => field = WellFormed(value); } = "";

    /// <summary><see cref="Ok"/>, or what went wrong.</summary>
    public required string Outcome { get; init => field = WellFormed(value); }

    public const string Ok = "ok";

    private static string WellFormed(string text) =>
        text.AsSpan().ContainsAnyInRange('\ud800', '\udfff') ? Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)) : text;
}
