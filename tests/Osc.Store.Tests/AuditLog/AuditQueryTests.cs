using CsCheck;
using Osc.Audit;
using Osc.Model;
using Osc.Store.AuditLog;
using Xunit;

namespace Osc.Store.Tests.AuditLog;

/// <summary>Queries against the store give what the same question to a list in memory gives.</summary>
public sealed class AuditQueryTests : IDisposable
{
    private static readonly string[] Words = ["web", "db", "cache"];

    private static readonly Gen<AuditRecord> RandomRecord = Gen.Select(
        Gen.OneOf("alice", "bob"),
        Gen.OneOf(AuditAction.DocumentCreate, AuditAction.DocumentDelete),
        Gen.OneOf("shop", "bank", ""),
        Gen.OneOf("Policy", "Host"),
        Gen.OneOf(Words),
        Gen.Int[0, 9],
        Gen.Long[0, 4],
        Gen.OneOf<string?>(null, """{"to":"cache"}"""))
        .Select((actor, action, tenant, kind, name, minute, revision, after) => new AuditRecord
        {
            Time = TestStore.Start.AddMinutes(minute),
            Actor = actor,
            Action = action,
            Tenant = tenant,
            Kind = kind,
            Name = name,
            After = after,
            Revision = new(revision),
            Outcome = AuditRecord.Ok,
        });

    private static readonly Gen<AuditQuery> RandomQuery = Gen.Select(
        Gen.Select(Maybe(Gen.OneOf("alice", "bob", "eve")), Maybe(Gen.OneOf(AuditAction.DocumentCreate)), Maybe(Gen.OneOf("shop", "")), Maybe(Gen.OneOf("Host"))),
        Gen.Select(Maybe(Gen.OneOf(Words)), Maybe(Gen.OneOf(Words)), Gen.Long[-8, 4], Gen.Int[-12, 5], Gen.Int[-12, 9]),
        Gen.Select(Gen.Int[1, 9], Gen.Bool))
        .Select((who, what, page) => new AuditQuery
        {
            Actor = who.Item1,
            Action = who.Item2,
            Tenant = who.Item3,
            Kind = who.Item4,
            Name = what.Item1,
            Text = what.Item2,
            Revision = what.Item3 < 0 ? null : new Revision(what.Item3),
            From = what.Item4 < 0 ? null : TestStore.Start.AddMinutes(what.Item4),
            To = what.Item5 < 0 ? null : TestStore.Start.AddMinutes(what.Item5),
            Limit = page.Item1,
            Ascending = page.Item2,
        });

    private readonly TestStore test = new();

    public void Dispose() => test.Dispose();

    [Fact]
    public void Query_gives_what_a_list_in_memory_gives_page_by_page()
    {
        var found = 0;
        Gen.Select(RandomRecord.Array[50], RandomQuery.Array[50]).Sample(
            (records, queries) =>
            {
                using var one = new TestStore();
                Assert.Equal(records.Length, one.Store.AppendAudit(records));
                var all = records.Select((r, i) => r with { Sequence = i + 1 }).ToList();
                foreach (var query in queries)
                {
                    var expected = Ask(all, query).ToList();
                    Assert.Equal(expected, Pages(one.Store, query).SelectMany(p => p.Items));
                    Assert.Equal(expected, one.Store.EnumerateAudit(query));
                    Interlocked.Add(ref found, expected.Count);
                }
            },
            iter: TestScale.Times(20));

        Assert.True(found > 1_000, $"only {found} records were found: the queries ask for too much");
    }

    [Fact]
    public void Page_holds_what_was_asked_for_and_tells_whether_more_follows()
    {
        test.Store.AppendAudit([TestStore.Record("a"), TestStore.Record("b"), TestStore.Record("c")]);

        var first = test.Store.QueryAudit(new() { Limit = 2 });
        var second = test.Store.QueryAudit(new() { Limit = 2, Cursor = first.Next });

        Assert.Equal(["c", "b"], first.Items.Select(r => r.Actor));
        Assert.Equal(["a"], second.Items.Select(r => r.Actor));
        Assert.Null(second.Next);
        Assert.Null(test.Store.QueryAudit(new() { Limit = 3 }).Next);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(AuditQuery.MaxLimit + 1)]
    public void Limit_out_of_bounds_is_refused(int limit) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => test.Store.QueryAudit(new() { Limit = limit }));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Enumeration_goes_through_many_pages_and_leaves_out_what_came_later(bool ascending)
    {
        const int count = (2 * AuditQuery.MaxLimit) + 1;
        test.Store.AppendAudit([.. Enumerable.Range(0, count).Select(i => TestStore.Record($"a{i}"))]);

        var seen = new List<long>();
        foreach (var record in test.Store.EnumerateAudit(new() { Ascending = ascending, Limit = 1 }))
        {
            seen.Add(record.Sequence);
            if (seen.Count % AuditQuery.MaxLimit == 1)
            {
                test.Store.AppendAudit([TestStore.Record("late")]);
            }
        }

        var expected = Enumerable.Range(1, count).Select(n => (long)n);
        Assert.Equal(ascending ? expected : expected.Reverse(), seen);
    }

    private static Gen<string?> Maybe(Gen<string> gen) => Gen.OneOf(Gen.Const((string?)null), Gen.Const((string?)null), gen.Select(s => (string?)s));

    private static IEnumerable<AuditRecord> Ask(IEnumerable<AuditRecord> all, AuditQuery query)
    {
        var found =
            from r in all
            where query.Actor is null || r.Actor == query.Actor
            where query.Action is null || r.Action == query.Action
            where query.Tenant is null || r.Tenant == query.Tenant
            where query.Kind is null || r.Kind == query.Kind
            where query.Name is null || r.Name == query.Name
            where query.Revision is null || r.Revision == query.Revision
            where query.From is null || r.Time >= query.From
            where query.To is null || r.Time < query.To
            where query.Text is null || r.Name == query.Text || r.After?.Contains(query.Text, StringComparison.Ordinal) == true
            select r;
        return query.Ascending ? found : found.Reverse();
    }

    private static IEnumerable<AuditPage> Pages(PolicyStore store, AuditQuery query)
    {
        var page = store.QueryAudit(query);
        yield return page;
        while (page.Next is { } next)
        {
            Assert.Equal(query.Limit, page.Items.Count);
            page = store.QueryAudit(query with { Cursor = next });
            yield return page;
        }
    }
}
