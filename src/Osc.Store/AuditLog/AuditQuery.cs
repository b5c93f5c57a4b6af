using Osc.Audit;
using Osc.Model;

namespace Osc.Store.AuditLog;

/// <summary>Which records, in which order. All that is given must hold; what is null does not matter.</summary>
public sealed record AuditQuery
{
    public const int MaxLimit = 1_000;

    public long? Sequence { get; init; }

    public string? Actor { get; init; }

    public string? Address { get; init; }

    public string? RequestId { get; init; }

    public string? Outcome { get; init; }

    public string? Action { get; init; }

    public string? Tenant { get; init; }

    /// <summary>Only records about documents of these tenants.</summary>
    public TenantScope? Scope { get; init; }

    public string? Kind { get; init; }

    public string? Name { get; init; }

    public Revision? Revision { get; init; }

    /// <summary>At this time or later.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Before this time.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>Words that all occur somewhere in the record, documents before and after included (<see cref="TextQuery"/>).</summary>
    public string? Text { get; init; }

    /// <summary>Whether the text index is asked.</summary>
    internal bool HasText => Text is not null || Address is not null || RequestId is not null || Outcome is not (null or AuditRecord.Ok);

    /// <summary>The <see cref="AuditPage.Next"/> of the page before; null for the first page.</summary>
    public long? Cursor { get; init; }

    /// <summary>1 to <see cref="MaxLimit"/>.</summary>
    public int Limit { get; init; } = 100;

    /// <summary>Oldest first, instead of newest first.</summary>
    public bool Ascending { get; init; }
}

/// <param name="Next">The cursor of the page that follows; null if this is the last.</param>
public sealed record AuditPage(IReadOnlyList<AuditRecord> Items, long? Next);
