using Osc.Audit;
using Osc.Model;
using Osc.Model.Documents;
using Osc.Store.Hosts;
using Osc.Store.Revisions;
using Xunit;
using static Osc.Store.Tests.TestStore;

namespace Osc.Store.Tests.Revisions;

public sealed class CommitTests : IDisposable
{
    private readonly TestStore test = new();

    public void Dispose() => test.Dispose();

    [Fact]
    public void New_store_is_empty_at_revision_none()
    {
        Assert.Equal(Revision.None, test.Store.Current);
        Assert.Empty(test.Store.ReadDocuments());
        Assert.Empty(test.Store.ReadRevisions(null, 10).Items);
        Assert.Empty(test.Store.QueryAudit(new()).Items);
        Assert.Empty(test.Store.ReadHosts());
        Assert.Empty(test.Store.ReadRollouts(10));
    }

    [Fact]
    public void Commit_makes_the_next_revision_with_its_time_actor_reason_and_count()
    {
        var outcome = test.Commit(Put("web", "{}"), Put("db", "{}"));

        Assert.Equal(new CommitOutcome.Committed(new(1), Start), outcome);
        Assert.Equal(new Revision(1), test.Store.Current);
        Assert.Equal(new RevisionInfo(new(1), Start, "alice", "ticket 42", 2), test.Store.FindRevision(new(1)));
        Assert.Null(test.Store.FindRevision(new(2)));
    }

    [Fact]
    public void Documents_come_in_key_order_with_the_revision_that_made_them()
    {
        test.Commit(Put("web", """{"a":1}"""), Put("db", "{}"));
        test.Commit(DocumentWrite.Put(Key("shop", Kind.Tenant), "{}", "t"), Put("web", """{"a":2}"""));

        Assert.Equal(
            [
                new(Key("shop", Kind.Tenant), "{}", "t", new(2)),
                new(Key("db"), "{}", "hash of {}", new(1)),
                new(Key("web"), """{"a":2}""", """hash of {"a":2}""", new(2)),
            ],
            test.Store.ReadDocuments());
    }

    [Fact]
    public void Documents_as_of_a_revision_are_what_they_were_then()
    {
        test.Commit(Put("web", "1"));
        test.Commit(Put("db", "2"), Put("web", "3"));
        test.Commit(Delete("web"));
        test.Commit(Put("web", "4"));

        Assert.Empty(test.Store.ReadDocuments(Revision.None));
        Assert.Equal(["web=1"], At(1));
        Assert.Equal(["db=2", "web=3"], At(2));
        Assert.Equal(["db=2"], At(3));
        Assert.Equal(["db=2", "web=4"], At(4));

        string[] At(long revision) => [.. test.Store.ReadDocuments(new(revision)).Select(d => $"{d.Key.Name}={d.Json}")];
    }

    [Fact]
    public void Commit_on_another_base_conflicts_and_changes_nothing()
    {
        test.Commit(Put("web", "1"));

        var outcome = test.Store.Commit(new() { Base = Revision.None, Origin = Alice, Changes = [Put("web", "2")] });

        Assert.Equal(new CommitOutcome.Conflict(new(1)), outcome);
        Assert.Equal("1", Assert.Single(test.Store.ReadDocuments()).Json);
        Assert.Single(test.Store.QueryAudit(new()).Items);
    }

    [Fact]
    public void Commit_leaves_an_audit_record_for_each_document_with_before_and_after()
    {
        test.Commit(Put("web", "1"), Put("db", "2"));
        test.Commit(Put("web", "3"), Delete("db"));

        var records = test.Store.QueryAudit(new() { Ascending = true }).Items;

        Assert.Equal(
            ["1 document.create web  -> 1", "2 document.create db  -> 2", "3 document.update web 1 -> 3", "4 document.delete db 2 -> "],
            records.Select(r => $"{r.Sequence} {r.Action} {r.Name} {r.Before} -> {r.After}"));
        Assert.Equal(
            new AuditRecord
            {
                Sequence = 4,
                Time = Start,
                Actor = "alice",
                Address = "192.0.2.7",
                RequestId = "request-1",
                Reason = "ticket 42",
                Action = AuditAction.DocumentDelete,
                Tenant = "shop",
                Kind = "SecurityGroup",
                Name = "db",
                Before = "2",
                Revision = new(2),
                Outcome = AuditRecord.Ok,
            },
            records[^1]);
    }

    [Fact]
    public void Commit_with_hosts_sets_what_they_shall_have_and_begins_their_rollout()
    {
        var host = Name.Parse("h1");
        test.Store.Commit(new()
        {
            Base = Revision.None,
            Origin = Alice,
            Changes = [Put("web", "1")],
            Hosts = [new(host, new(1), "d1g3st", 12)],
        });

        Assert.Equal(
            new HostRecord { Host = host, DesiredRevision = new(1), DesiredDigest = "d1g3st", DesiredFlows = 12 },
            Assert.Single(test.Store.ReadHosts()));
        Assert.Equal(new HostRollout { Host = host, State = RolloutState.Pending }, Assert.Single(test.Store.FindRollout(new(1))!.Hosts));

        var record = Assert.Single(test.Store.QueryAudit(new() { Action = AuditAction.RolloutStart }).Items);
        Assert.Equal(("alice", """{"hosts":["h1"]}""", new Revision(1)), (record.Actor, record.After, record.Revision));
    }

    [Fact]
    public void Commit_that_makes_no_sense_is_refused_and_changes_nothing()
    {
        Assert.Throws<ArgumentException>(() => test.Commit());
        Assert.Throws<ArgumentException>(() => test.Commit(Put("web", "1"), Delete("web")));
        Assert.Throws<ArgumentException>(() => test.Commit(Put("web", "1"), Delete("db")));

        Assert.Equal(Revision.None, test.Store.Current);
        Assert.Empty(test.Store.ReadDocuments());
        Assert.Empty(test.Store.QueryAudit(new()).Items);
        Assert.IsType<CommitOutcome.Committed>(test.Commit(Put("web", "1")));
    }

    [Fact]
    public void Everything_is_there_again_after_reopening()
    {
        test.Commit(Put("web", "1"));
        test.Commit(Put("web", "2"));

        test.Reopen();

        Assert.Equal(new Revision(2), test.Store.Current);
        Assert.Equal("2", Assert.Single(test.Store.ReadDocuments()).Json);
        Assert.Equal("1", Assert.Single(test.Store.ReadDocuments(new Revision(1))).Json);
        Assert.Equal(2, test.Store.QueryAudit(new()).Items.Count);
        Assert.Equal(new CommitOutcome.Committed(new(3), Start), test.Commit(Put("web", "3")));
    }

    [Fact]
    public void Revisions_come_newest_first_in_pages()
    {
        for (var i = 0; i < 5; i++)
        {
            test.Time.Now = Start.AddMinutes(i);
            test.Commit(Put("web", $"{i}"));
        }

        var first = test.Store.ReadRevisions(null, 2);
        var second = test.Store.ReadRevisions(first.Next, 2);
        var third = test.Store.ReadRevisions(second.Next, 2);

        Assert.Equal([5L, 4, 3, 2, 1], new[] { first, second, third }.SelectMany(p => p.Items).Select(r => r.Revision.Number));
        Assert.Equal(Start.AddMinutes(4), first.Items[0].Time);
        Assert.Null(third.Next);
    }

    [Fact]
    public void Log_and_revisions_grow_when_time_goes_backwards()
    {
        test.Commit(Put("web", "1"));
        test.Time.Now = Start.AddYears(-1);
        test.Commit(Put("web", "2"));

        Assert.Equal(new Revision(2), test.Store.Current);
        Assert.Equal(
            [(1L, Start), (2L, Start.AddYears(-1))],
            test.Store.QueryAudit(new() { Ascending = true }).Items.Select(r => (r.Sequence, r.Time)));
        Assert.Equal("2", Assert.Single(test.Store.ReadDocuments()).Json);
    }

    [Fact]
    public async Task Commits_from_many_threads_make_one_revision_each()
    {
        const int threads = 4;
        const int commitsEach = 25;
        await Task.WhenAll(Enumerable.Range(0, threads).Select(thread => Task.Run(() =>
        {
            for (var done = 0; done < commitsEach;)
            {
                done += test.Commit(Put($"t{thread}", $"{done}")) is CommitOutcome.Committed ? 1 : 0;
                Assert.InRange(test.Store.ReadDocuments().Count, 1, threads);
            }
        })));

        Assert.Equal(new Revision(threads * commitsEach), test.Store.Current);
        Assert.All(test.Store.ReadDocuments(), d => Assert.Equal($"{commitsEach - 1}", d.Json));
        Assert.Equal(
            Enumerable.Range(1, threads * commitsEach).Select(n => (long)n),
            test.Store.EnumerateAudit(new() { Ascending = true }).Select(r => r.Sequence));
    }
}
