using Dapper;
using Microsoft.Data.Sqlite;
using Osc.Audit;
using Osc.Audit.Checkpoints;
using Osc.Audit.Merkle;
using Osc.Audit.Verification;
using Osc.Store.AuditLog;
using Xunit;

namespace Osc.Store.Tests.AuditLog;

/// <summary>What somebody with the store's file can do to the log, a thousand times each in random places, held against a checkpoint that is elsewhere.</summary>
public sealed class TamperingTests : IDisposable
{
    private const int Times = 1_000;

    private const int Size = 40;

    private readonly TestStore test = new();
    private readonly List<AuditRecord> log;
    private readonly Checkpoint held;

    public TamperingTests()
    {
        test.Store.AppendAudit([.. Enumerable.Range(1, Size).Select(n => TestStore.Record($"a{n}") with { Reason = $"ticket {n}", After = $$"""{"n":{{n}}}""" })]);
        log = [.. test.Store.EnumerateAudit(new() { Ascending = true })];
        held = new("osc/test", Size, test.Store.AuditTree.Root(Size));
        test.Store.AppendAudit([TestStore.Record("later")]);
    }

    public void Dispose() => test.Dispose();

    [Theory]
    [InlineData("edit", false)]
    [InlineData("delete", false)]
    [InlineData("insert", false)]
    [InlineData("reorder", false)]
    [InlineData("truncate", false)]
    [InlineData("edit", true)]
    [InlineData("delete", true)]
    [InlineData("insert", true)]
    [InlineData("reorder", true)]
    [InlineData("truncate", true)]
    public void Stored_log_that_was_tampered_with_is_found(string what, bool withHashes)
    {
        var random = new Random(1);
        Assert.Null(Verify(test.Store.Writer));
        for (var i = 0; i < Times; i++)
        {
            using var attack = test.Store.Writer.BeginTransaction();
            test.Store.Writer.Execute("drop trigger audit_no_delete; drop trigger audit_no_gap; drop trigger audit_hash_no_delete; drop trigger audit_text_delete; delete from audit");
            Put(test.Store.Writer, Tamper(log, what, random), withHashes);

            Assert.NotNull(Verify(test.Store.Writer));
            if (withHashes)
            {
                // The hashes are those of a sound log, but not of the one that was signed.
                var last = test.Store.Writer.QuerySingle<long>("select count(*) from audit");
                var tree = new MerkleTree(node => TreeTable.Read(test.Store.Writer, node));
                Assert.False(last >= Size && tree.ProveConsistency(Size, last).Proves(held.Root, tree.Root(last)));
            }

            attack.Rollback();
        }

        Assert.Null(Verify(test.Store.Writer));
    }

    private static List<AuditRecord> Tamper(List<AuditRecord> log, string what, Random random)
    {
        List<AuditRecord> tampered = [.. log];
        var at = random.Next(log.Count);
        switch (what)
        {
            case "edit":
                tampered[at] = Edit(log[at], random);
                break;
            case "delete":
                tampered.RemoveRange(at, Math.Min(random.Next(1, 4), log.Count - at));
                break;
            case "insert":
                tampered.Insert(at, Edit(log[random.Next(log.Count)], random));
                break;
            case "reorder":
                var other = (at + random.Next(1, log.Count)) % log.Count;
                (tampered[at], tampered[other]) = (tampered[other], tampered[at]);
                break;
            case "truncate":
                tampered.RemoveRange(at, log.Count - at);
                break;
            default:
                throw new ArgumentException(what, nameof(what));
        }

        // Numbered anew, or what is left of the old numbers in their order.
        return random.Next(2) == 0 || what is "insert" or "reorder" ? [.. tampered.Select((r, i) => r with { Sequence = i + 1 })] : tampered;
    }

    private static AuditRecord Edit(AuditRecord record, Random random) => random.Next(8) switch
    {
        0 => record with { Actor = record.Actor + "x" },
        1 => record with { Time = record.Time.AddMicroseconds(1) },
        2 => record with { Before = "{}" },
        3 => record with { After = null },
        4 => record with { Revision = new(record.Revision.Number + 1) },
        5 => record with { Reason = "" },
        6 => record with { Address = "192.0.2.1", Outcome = AuditRecord.Ok },
        _ => record with { Action = AuditAction.DocumentDelete, Tenant = "t", Kind = "k", Name = "n", RequestId = "r" },
    };

    private static void Put(SqliteConnection connection, List<AuditRecord> records, bool withHashes)
    {
        var insert = AuditRow.PrepareInsert(connection);
        records.ForEach(r => AuditRow.Write(insert, r));
        if (withHashes)
        {
            connection.Execute("delete from audit_hash");
            TreeTable.Append(connection, 0, [.. records.Select(AuditLeaf.HashOf)]);
        }
    }

    private string? Verify(SqliteConnection connection)
    {
        var verifier = new LogVerifier([held]);
        var records = AuditTable.Read(connection, new() { Ascending = true, Limit = AuditQuery.MaxLimit }).Items;
        return records.Select(r => verifier.Take(new(r.Sequence, AuditLeaf.HashOf(r)))).FirstOrDefault(e => e is not null) ?? verifier.End();
    }
}
