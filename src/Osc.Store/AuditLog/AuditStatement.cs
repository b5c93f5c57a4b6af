using Dapper;
using Osc.Audit;
using Osc.Store.Files;

namespace Osc.Store.AuditLog;

/// <summary>
/// The SQL of an audit query from its "from" on, with the audit table as "a". Every value is a parameter. It asks for one record more
/// than the limit, which tells whether a page follows.
/// </summary>
internal sealed class AuditStatement
{
    private readonly List<string> conditions = [];

    private AuditStatement(AuditQuery query, (long First, long Last)? bounds)
    {
        // What has no index of its own is found by its words, and then compared.
        var fts = query.HasText ? TextQuery.ToFts(query.Text, query.Address, query.RequestId, query.Outcome == AuditRecord.Ok ? null : query.Outcome) : null;

        // The text index gives its rows in order too, but only if it is asked by its own name for them.
        var (from, sequence) = fts is null ? ("audit a", "a.sequence") : ("audit_text t cross join audit a on a.sequence = t.rowid", "t.rowid");
        Require("audit_text match", fts);
        Require(sequence + (query.Ascending ? " >" : " <"), query.Cursor);
        Require(sequence + " >=", bounds?.First);
        Require(sequence + " <=", bounds?.Last);

        RequireEqual(
            ("a.sequence", query.Sequence),
            ("a.name", query.Name),
            ("a.revision", query.Revision?.Number),
            ("a.actor", query.Actor),
            ("a.tenant", query.Tenant),
            ("a.action", query.Action),
            ("a.kind", query.Kind));
        if (query.Scope is { } scope)
        {
            conditions.Add(scope.Condition("a.tenant", Values));
        }

        Require("a.address =", query.Address);
        Require("a.request_id =", query.RequestId);
        Require("a.outcome =", query.Outcome);
        Require("a.time >=", StoredTime.From(query.From));
        Require("a.time <", StoredTime.From(query.To));

        var where = conditions.Count > 0 ? $" where {string.Join(" and ", conditions)}" : "";
        Values.Add("limit", query.Limit + 1);
        Source = from + where;
        Text = $"{Source} order by {sequence} {(query.Ascending ? "asc" : "desc")} limit @limit";
    }

    /// <summary>Without order and limit.</summary>
    public string Source { get; }

    public string Text { get; }

    public DynamicParameters Values { get; } = new();

    /// <param name="bounds">Between which sequence numbers all records of the query's times are, where that is known.</param>
    public static AuditStatement Of(AuditQuery query, (long First, long Last)? bounds = null) => new(query, bounds);

    /// <summary>
    /// Fields that must have values, the more telling ones first. Only the first that is asked for may use its index: SQLite cannot
    /// know which tells most, and with "+" before a column does not consider its index.
    /// </summary>
    private void RequireEqual(params ReadOnlySpan<(string Column, object? Value)> fields)
    {
        var mark = "";
        foreach (var (column, value) in fields)
        {
            Require($"{mark}{column} =", value);
            mark = value is null ? mark : "+";
        }
    }

    /// <param name="value">null requires nothing.</param>
    private void Require(string comparison, object? value)
    {
        if (value is not null)
        {
            var parameter = $"p{conditions.Count}";
            conditions.Add($"{comparison} @{parameter}");
            Values.Add(parameter, value);
        }
    }
}
