using Osc.Model;

namespace Osc.Audit;

/// <summary>One line of the audit log: who did what to which document, when, from where and why, and what came of it.</summary>
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
    public required string Actor { get; init; }

    /// <summary>Where from: an IP address; empty for the controller itself.</summary>
    public string Address { get; init; } = "";

    public string RequestId { get; init; } = "";

    /// <summary>What was done: one of <see cref="AuditAction"/>.</summary>
    public required string Action { get; init; }

    public string Tenant { get; init; } = "";

    public string Kind { get; init; } = "";

    public string Name { get; init; } = "";

    /// <summary>The document before, as canonical JSON; null if there was none.</summary>
    public string? Before { get; init; }

    /// <summary>The document after, as canonical JSON; null if there is none. For what is no document: its particulars, as JSON.</summary>
    public string? After { get; init; }

    public Revision Revision { get; init; }

    /// <summary>Why, in the actor's words.</summary>
    public string Reason { get; init; } = "";

    /// <summary><see cref="Ok"/>, or what went wrong.</summary>
    public required string Outcome { get; init; }

    public const string Ok = "ok";
}
