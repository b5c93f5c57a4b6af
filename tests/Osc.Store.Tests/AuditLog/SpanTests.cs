using CsCheck;
using Dapper;
using Osc.Audit;
using Osc.Store.AuditLog;
using Xunit;

namespace Osc.Store.Tests.AuditLog;

public sealed class SpanTests : IDisposable
{
    private const int Records = 5_300;

    private readonly TestStore test = new();

    public void Dispose() => test.Dispose();

    [Fact]
    public void Search_by_time_finds_all_even_where_the_clock_was_set_back()
    {
        var random = new Random(1);
        var time = TestStore.Start;
        var all = new List<AuditRecord>();
        while (all.Count < Records)
        {
            List<AuditRecord> batch = [];
            for (var i = random.Next(1, 400); i > 0; i--)
            {
                time = time.AddSeconds(random.Next(1_000) == 0 ? -random.Next(2_000) : random.Next(4));
                batch.Add(TestStore.Record($"a{random.Next(3)}") with { Sequence = all.Count + batch.Count + 1, Time = time });
            }

            test.Store.AppendAudit(batch);
            all.AddRange(batch);
        }

        Assert.Equal(all.Count / SpanTable.Length, test.Store.Writer.QuerySingle<int>("select count(*) from audit_span"));
        var length = (int)(time - TestStore.Start).TotalSeconds;
        Gen.Select(Gen.Int[-100, length + 100], Gen.Int[0, 3_000], Gen.Bool, Gen.Bool, Gen.Bool).Sample((begin, seconds, isOpen, isAscending, isOfActor) =>
        {
            var query = new AuditQuery
            {
                From = TestStore.Start.AddSeconds(begin),
                To = isOpen ? null : TestStore.Start.AddSeconds(begin + seconds),
                Ascending = isAscending,
                Actor = isOfActor ? "a1" : null,
                Limit = 50,
            };
            var expected = all.Where(r => r.Time >= query.From && (query.To is null || r.Time < query.To) && (query.Actor is null || r.Actor == query.Actor)).Select(r => r.Sequence);
            Assert.Equal((isAscending ? expected : expected.Reverse()).Take(50), test.Store.QueryAudit(query).Items.Select(r => r.Sequence));
        }, iter: 300);
    }
}
