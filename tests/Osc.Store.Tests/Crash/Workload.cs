using Dapper;
using Osc.Audit;
using Osc.Audit.Merkle;
using Osc.Model;
using Osc.Store.Revisions;
using Xunit;

namespace Osc.Store.Tests.Crash;

/// <summary>
/// What the store holds at revision n, as a function of n: document d, of <see cref="Documents"/>, changes at every revision that
/// d divides and then says n. So a checker knows every past state without having seen it made.
/// </summary>
internal static class Workload
{
    private const int Documents = 7;

    private static readonly Name Host = Name.Parse("h1");

    public static Commit CommitOn(Revision current) => new()
    {
        Base = current,
        Origin = new("writer", Reason: $"revision {current.Next}"),
        Changes = [.. ChangedAt(current.Next.Number).Select(d => TestStore.Put($"d{d}", JsonAt(current.Next.Number)))],
        Hosts = [new(Host, current.Next, "digest", Documents)],
        Numberings = [new(Host, NumberingAt(current.Next.Number), IsWhole: current.Next.Number % Documents == 1)],
        NumberingsSince = new(current.Next.Number - (2 * Documents)),
    };

    /// <summary>Checks that a store is whole at its current revision: documents then and now, revisions, log, host and rollouts.</summary>
    public static void AssertWhole(PolicyStore store)
    {
        var last = store.Current.Number;
        Assert.Equal(StateAt(last), store.ReadDocuments().Select(d => (d.Key.Name.Value, d.Json)));
        foreach (var past in new[] { 0, 1, last / 3, last / 2, last - 1 }.Where(n => n >= 0 && n <= last))
        {
            Assert.Equal(StateAt(past), store.ReadDocuments(new(past)).Select(d => (d.Key.Name.Value, d.Json)));
        }

        var revisions = Numbers(last).Select(n => ($"revision {n}", ChangedAt(n).Count()));
        Assert.Equal(revisions.TakeLast(PolicyStore.MaxLimit).Reverse(), store.ReadRevisions(null, PolicyStore.MaxLimit).Items.Select(r => (r.Reason, r.Changes)));

        var records = store.EnumerateAudit(new() { Ascending = true }).ToList();
        Assert.Equal(Numbers(last).SelectMany(RecordsAt), records.Select(r => (r.Revision.Number, r.Action, r.Name)));
        Assert.Equal(Numbers(records.Count), records.Select(r => r.Sequence));
        AssertTree(store, records);

        Assert.Equal(last, store.ReadHosts().SingleOrDefault()?.DesiredRevision.Number ?? 0);
        Assert.Equal(last, store.Writer.QuerySingle<long>("select count(*) from rollout"));
        var whole = last - ((last + Documents - 1) % Documents);
        Assert.Equal(
            Numbers(last).Where(n => n >= whole).Select(NumberingAt),
            store.ReadNumberings().SelectMany(n => n.Changes.Select(c => c.Json).Prepend(n.Whole)));
        store.Writer.Execute("insert into audit_text (audit_text) values ('integrity-check')");
    }

    /// <summary>Checks that the text index can be brought up to the log and says what the log says.</summary>
    public static void AssertTextIndex(PolicyStore store)
    {
        store.ExtendTextIndex();
        store.Writer.Execute("insert into audit_text (audit_text, rank) values ('integrity-check', 1)");
    }

    private static void AssertTree(PolicyStore store, IReadOnlyList<AuditRecord> records)
    {
        var tree = new CompactTree();
        foreach (var record in records)
        {
            tree.Append(AuditLeaf.HashOf(record));
        }

        Assert.Equal(tree.Size, store.AuditTree.Size);
        Assert.Equal(tree.Root, store.AuditTree.Root(tree.Size));
        Assert.Equal(TreeNode.CountOf(tree.Size), store.Writer.QuerySingle<long>("select count(*) from audit_hash"));
    }

    private static IEnumerable<long> Numbers(long last) => Enumerable.Range(1, (int)last).Select(n => (long)n);

    private static IEnumerable<long> ChangedAt(long revision) => Numbers(Documents).Where(d => revision % d == 0);

    private static IEnumerable<(string Name, string Json)> StateAt(long revision) =>
        Numbers(Documents).Where(d => d <= revision).Select(d => ($"d{d}", JsonAt(revision - (revision % d))));

    private static IEnumerable<(long Revision, string Action, string Name)> RecordsAt(long revision) =>
        ChangedAt(revision).Select(d => (revision, revision == d ? AuditAction.DocumentCreate : AuditAction.DocumentUpdate, $"d{d}"))
            .Append((revision, AuditAction.RolloutStart, ""));

    private static string NumberingAt(long revision) => $$"""{"epoch":{{revision}}}""";

    // Long enough that a commit takes several pages of the log.
    private static string JsonAt(long revision) => $$"""{"revision":{{revision}},"filling":"{{new string('x', 2000)}}"}""";
}
