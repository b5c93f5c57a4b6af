using Dapper;
using Osc.Model;
using Osc.Store.AuditLog;
using Xunit;

namespace Osc.Store.Tests.AuditLog;

/// <summary>A query goes through an index that gives its records in order, so that a page costs a page, however long the log is.</summary>
public sealed class AuditPlanTests : IDisposable
{
    private readonly TestStore test = new();

    public static TheoryData<string, AuditQuery> Queries => new()
    {
        { "SCAN a", new() },
        { "SEARCH a USING INTEGER PRIMARY KEY (rowid<?)", new() { Cursor = 5 } },
        { "SEARCH a USING INDEX audit_actor (actor=? AND rowid>?)", new() { Actor = "alice", Cursor = 5, Ascending = true } },
        { "SEARCH a USING INDEX audit_action (action=?)", new() { Action = "a" } },
        { "SEARCH a USING INDEX audit_tenant (tenant=?)", new() { Tenant = "t" } },
        { "SEARCH a USING INDEX audit_kind (kind=?)", new() { Kind = "k" } },
        { "SEARCH a USING INDEX audit_revision (revision=?)", new() { Revision = new Revision(7) } },
        { "SEARCH a USING INDEX audit_name (name=?)", new() { Name = "n", Kind = "k", Tenant = "t", Actor = "alice" } },
        { "SEARCH a USING INDEX audit_actor (actor=?)", new() { Kind = "k", Actor = "alice", Action = "a" } },
        { "SEARCH a USING INDEX audit_actor (actor=?)", new() { Actor = "alice", From = TestStore.Start, To = TestStore.Start } },
        { "SCAN t VIRTUAL TABLE INDEX; SEARCH a USING INTEGER PRIMARY KEY (rowid=?)", new() { Text = "web" } },
        { "SCAN t VIRTUAL TABLE INDEX; SEARCH a USING INTEGER PRIMARY KEY (rowid=?)", new() { Text = "web", Actor = "alice", Cursor = 5 } },
        { "SCAN t VIRTUAL TABLE INDEX; SEARCH a USING INTEGER PRIMARY KEY (rowid=?)", new() { Address = "192.0.2.7" } },
        { "SCAN t VIRTUAL TABLE INDEX; SEARCH a USING INTEGER PRIMARY KEY (rowid=?)", new() { RequestId = "r-1" } },
        { "SCAN t VIRTUAL TABLE INDEX; SEARCH a USING INTEGER PRIMARY KEY (rowid=?)", new() { Outcome = "not allowed" } },
        { "SEARCH a USING INTEGER PRIMARY KEY (rowid=?)", new() { Sequence = 7 } },
    };

    public void Dispose() => test.Dispose();

    [Theory]
    [MemberData(nameof(Queries))]
    public void Query_is_answered_in_the_order_of_an_index(string plan, AuditQuery query)
    {
        var statement = AuditStatement.Of(query);

        var steps = test.Store.Writer.Query($"explain query plan select a.reason from {statement.Text}", statement.Values).Select(s => (string)s.detail);

        // Which number the virtual table gives its plan is its own affair.
        Assert.Equal(plan, string.Join("; ", steps.Select(s => s.StartsWith("SCAN t VIRTUAL TABLE INDEX", StringComparison.Ordinal) ? "SCAN t VIRTUAL TABLE INDEX" : s)));
    }
}
