using Dapper;
using Microsoft.Data.Sqlite;
using Osc.Audit;
using Xunit;

namespace Osc.Store.Tests.AuditLog;

public sealed class AppendTests : IDisposable
{
    private const string AnInsert = """
        (sequence, time, actor, address, request_id, action, tenant, kind, name, revision, reason, outcome)
        values (@sequence, 0, 'eve', '', '', '', '', '', '', 0, '', '')
        """;

    private readonly TestStore test = new();

    public void Dispose() => test.Dispose();

    [Fact]
    public void Records_get_the_next_places_whatever_sequence_they_bring()
    {
        Assert.Equal(2, test.Store.AppendAudit([TestStore.Record("a") with { Sequence = 99 }, TestStore.Record("b")]));
        Assert.Equal(3, test.Store.AppendAudit([TestStore.Record("c")]));
        Assert.Equal(3, test.Store.AppendAudit([]));

        Assert.Equal([(1L, "a"), (2L, "b"), (3L, "c")], test.Store.QueryAudit(new() { Ascending = true }).Items.Select(r => (r.Sequence, r.Actor)));
    }

    [Fact]
    public void Record_comes_back_as_it_went_in()
    {
        var record = new AuditRecord
        {
            Sequence = 1,
            Time = TestStore.Start.AddMicroseconds(123_456),
            Actor = "älice 'x' \0 end",
            Address = "192.0.2.7",
            RequestId = "r",
            Action = "a",
            Tenant = "t",
            Kind = "k",
            Name = "n",
            Before = "{}",
            After = """{"a":"😀"}""",
            Revision = new(7),
            Reason = "why\nnot",
            Outcome = "no",
        };

        test.Store.AppendAudit([record]);

        Assert.Equal(record, Assert.Single(test.Store.QueryAudit(new()).Items));
    }

    [Fact]
    public void Text_that_is_no_unicode_is_stored_as_its_leaf_says()
    {
        // What is left when a text is cut in the middle of a character.
        test.Store.AppendAudit([TestStore.Record("a") with { Reason = "cut \ud83d" }]);

        var stored = Assert.Single(test.Store.QueryAudit(new()).Items);
        Assert.Equal("cut \ufffd", stored.Reason);
        Assert.Equal(AuditLeaf.HashOf(stored), test.Store.AuditTree.Leaf(1));
    }

    [Theory]
    [InlineData("update audit set actor = 'eve' where sequence = 1", "an audit record is never changed")]
    [InlineData("update audit set sequence = 9 where sequence = 2", "an audit record is never changed")]
    [InlineData("delete from audit where sequence = 2", "an audit record is deleted only when it is archived")]
    [InlineData("delete from audit", "an audit record is deleted only when it is archived")]
    [InlineData("insert into audit " + AnInsert, "an audit record comes after the last one", 9)]
    [InlineData("insert into audit " + AnInsert, "an audit record comes after the last one", 0)]
    [InlineData("insert or replace into audit " + AnInsert, "an audit record comes after the last one", 2)]
    public void Log_cannot_be_changed_by_sql_either(string sql, string reason, int sequence = 0)
    {
        test.Store.AppendAudit([TestStore.Record("a"), TestStore.Record("b")]);

        var refused = Assert.Throws<SqliteException>(() => test.Store.Writer.Execute(sql, new { sequence }));

        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
        Assert.Equal(["b", "a"], test.Store.QueryAudit(new()).Items.Select(r => r.Actor));
    }
}
