using CsCheck;
using Dapper;
using Microsoft.Data.Sqlite;
using Osc.Audit;
using Osc.Audit.Merkle;
using Osc.Store.AuditLog;
using Osc.Store.Files;
using Xunit;

namespace Osc.Store.Tests.AuditLog;

public sealed class AuditTreeTests : IDisposable
{
    private readonly TestStore test = new();

    public void Dispose() => test.Dispose();

    [Fact]
    public void Log_without_records_has_the_empty_tree()
    {
        Assert.Equal(0, test.Store.AuditTree.Size);
        Assert.Equal(TreeHash.Empty, test.Store.AuditTree.Root(0));
        Assert.Empty(test.Store.AuditTree.Peaks(0));
    }

    [Fact]
    public void Tree_is_that_of_the_records_however_they_came() => Gen.Select(Gen.Int[1, 9].Array[1, 12], Gen.Int[0, 99]).Sample((parts, at) =>
    {
        using var own = new TestStore();
        foreach (var part in parts)
        {
            own.Store.AppendAudit([.. Enumerable.Range(0, part).Select(i => TestStore.Record($"a{i}"))]);
        }

        own.Reopen();
        var tree = own.Store.AuditTree;
        var leaves = own.Store.EnumerateAudit(new() { Ascending = true }).Select(AuditLeaf.HashOf).ToList();
        var compact = new CompactTree();
        leaves.ForEach(compact.Append);
        Assert.Equal((compact.Size, compact.Root), (tree.Size, tree.Root(tree.Size)));

        var sequence = 1 + (at % tree.Size);
        Assert.Equal(leaves[(int)sequence - 1], tree.Leaf(sequence));
        Assert.True(tree.ProveInclusion(sequence, tree.Size).Proves(leaves[(int)sequence - 1], compact.Root));
        Assert.True(tree.ProveConsistency(sequence, tree.Size).Proves(tree.Root(sequence), compact.Root));
    }, iter: 20);

    [Fact]
    public void Records_of_commits_rollouts_and_alarms_are_leaves()
    {
        test.Commit(TestStore.Put("web", "1"), TestStore.Put("db", "1"));
        test.Store.RecordRollout([new Store.Hosts.RolloutStep.Refused(Model.Name.Parse("h1"), new(1), "no")]);
        test.Store.RecordAlarms([new Store.Alarms.AlarmChange.Raise(new(Model.Name.Parse("h1"), "agent-silent", ""), Model.Health.AlarmSeverity.Critical, "gone")], TestStore.Start);

        Assert.Equal(4, test.Store.AuditTree.Size);
        Assert.Equal(test.Store.QueryAudit(new() { Ascending = true }).Items.Select(AuditLeaf.HashOf), Enumerable.Range(1, 4).Select(n => test.Store.AuditTree.Leaf(n)));
    }

    [Theory]
    [InlineData("update audit_hash set hash = zeroblob(32) where number = 1", "a hash of the audit log is never changed")]
    [InlineData("delete from audit_hash", "a hash of the audit log is never deleted")]
    [InlineData("insert into audit_hash values (9, zeroblob(32))", "a hash comes after the last one")]
    [InlineData("insert or replace into audit_hash values (0, zeroblob(32))", "a hash comes after the last one")]
    [InlineData("update audit_checkpoint set size = 0", "a checkpoint is never changed")]
    [InlineData("delete from audit_checkpoint", "a checkpoint is never deleted")]
    public void Tree_and_checkpoints_cannot_be_changed_by_sql_either(string sql, string reason)
    {
        test.Store.AppendAudit([TestStore.Record("a"), TestStore.Record("b")]);
        test.Store.AppendCheckpoint(new(TestStore.Start, 2, "note"));

        Assert.Contains(reason, Assert.Throws<SqliteException>(() => test.Store.Writer.Execute(sql)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Checkpoint_that_was_signed_last_is_kept()
    {
        Assert.Null(test.Store.FindLastCheckpoint());

        test.Store.AppendCheckpoint(new(TestStore.Start, 2, "first"));
        test.Store.AppendCheckpoint(new(TestStore.Start.AddSeconds(1), 2, "second"));
        test.Reopen();

        Assert.Equal(new StoredCheckpoint(TestStore.Start.AddSeconds(1), 2, "second"), test.Store.FindLastCheckpoint());
    }

    [Fact]
    public void Missing_hash_is_damage()
    {
        test.Store.AppendAudit([TestStore.Record("a"), TestStore.Record("b"), TestStore.Record("c")]);
        test.Store.Writer.Execute("drop trigger audit_hash_no_delete; delete from audit_hash where number = 2");

        Assert.Equal(StoreFault.Corrupt, Assert.Throws<StoreException>(() => test.Store.AuditTree.Root(3)).Fault);
    }

    [Fact]
    public void Store_from_before_the_tree_gets_one()
    {
        var path = OldStore(records: 11);

        using var store = PolicyStore.Open(path, TimeProvider.System);

        var compact = new CompactTree();
        store.EnumerateAudit(new() { Ascending = true }).Select(AuditLeaf.HashOf).ToList().ForEach(compact.Append);
        Assert.Equal(11, store.AuditTree.Size);
        Assert.Equal(compact.Root, store.AuditTree.Root(11));
        Assert.Null(Migration.FindDeviation(store.Writer));
        Assert.Equal(12, store.AppendAudit([TestStore.Record("later")]));
        Assert.Equal(12, store.QueryAudit(new() { Text = "later" }).Items.Single().Sequence);
    }

    [Fact]
    public void Store_from_before_the_tree_whose_records_are_not_those_of_their_hashes_is_refused()
    {
        var path = OldStore(records: 3, alter: "drop trigger audit_no_update; update audit set actor = 'eve' where sequence = 2;");

        var refused = Assert.Throws<StoreException>(() => PolicyStore.Open(path, TimeProvider.System));

        Assert.Equal(StoreFault.Corrupt, refused.Fault);
        Assert.Contains("audit record 2 is not the one whose hash is beside it", refused.Message, StringComparison.Ordinal);
    }

    /// <summary>A store of schema 5, which kept a record's hash with the record.</summary>
    private string OldStore(int records, string? alter = null)
    {
        var path = test.Path + "-5";
        using var connection = new SqliteConnection($"Data Source={path};Pooling=false");
        connection.Open();
        connection.Execute($"pragma application_id = {StoreFile.ApplicationId}");
        Migration.Run(connection, 5);
        for (var sequence = 1; sequence <= records; sequence++)
        {
            var record = TestStore.Record($"a{sequence}") with { Sequence = sequence };
            connection.Execute(
                """
                insert into audit (sequence, time, actor, address, request_id, action, tenant, kind, name, revision, reason, outcome, leaf)
                values (@Sequence, @time, @Actor, '', '', @Action, '', '', '', 0, '', @Outcome, @leaf)
                """,
                new { record.Sequence, time = StoredTime.From(record.Time), record.Actor, record.Action, record.Outcome, leaf = AuditLeaf.HashOf(record).ToBytes() });
        }

        if (alter is not null)
        {
            var trigger = connection.QuerySingle<string>("select sql from sqlite_schema where name = 'audit_no_update'");
            connection.Execute(alter + trigger);
        }

        return path;
    }
}
