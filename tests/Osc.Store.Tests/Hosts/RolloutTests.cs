using Dapper;
using Osc.Audit;
using Osc.Model;
using Osc.Store.Hosts;
using Xunit;
using static Osc.Store.Tests.TestStore;

namespace Osc.Store.Tests.Hosts;

public sealed class RolloutTests : IDisposable
{
    private static readonly Name H1 = Name.Parse("h1");
    private static readonly Name H2 = Name.Parse("h2");

    private readonly TestStore test = new();

    public void Dispose() => test.Dispose();

    [Fact]
    public void Rollout_goes_from_pending_over_sent_to_acked()
    {
        Commit(1, H1, H2);
        Assert.Equal(["h1 Pending", "h2 Pending"], States(1));

        At(1, new RolloutStep.Sent(H1, new(1)), new RolloutStep.Sent(H2, new(1)));
        Assert.Equal(["h1 Sent", "h2 Sent"], States(1));

        At(2, new RolloutStep.Acked(H1, new(1), "d", 12, 3.5));
        Assert.Equal(["h1 Acked", "h2 Sent"], States(1));
        var half = test.Store.FindRollout(new(1))!;
        Assert.Equal((Start, 1, null), (half.Started, half.Acked, half.Finished));
        Assert.Equal(
            new HostRollout { Host = H1, State = RolloutState.Acked, SentAt = Start.AddSeconds(1), AckedAt = Start.AddSeconds(2), Milliseconds = 3.5 },
            half.Hosts[0]);

        At(3, new RolloutStep.Acked(H2, new(1), "d", 12, 3.5));
        Assert.Equal(Start.AddSeconds(3), test.Store.FindRollout(new(1))!.Finished);
    }

    [Fact]
    public void Ack_confirms_what_it_overtook()
    {
        Commit(1, H1);
        Commit(2, H1);
        Commit(3, H1);
        At(1, new RolloutStep.Sent(H1, new(1)));

        At(2, new RolloutStep.Acked(H1, new(2), "d", 12, 3.5));

        Assert.Equal(["h1 Acked"], States(1));
        Assert.Null(test.Store.FindRollout(new(1))!.Hosts[0].Milliseconds);
        Assert.Equal(["h1 Acked"], States(2));
        Assert.Equal(["h1 Pending"], States(3));
    }

    [Fact]
    public void Refusal_stays_until_this_revision_is_acked()
    {
        Commit(1, H1);
        At(1, new RolloutStep.Refused(H1, new(1), "the switch says no"));
        Assert.Equal(["h1 Refused the switch says no"], States(1));
        Assert.Equal("the switch says no", test.Store.ReadHosts()[0].Error);

        Commit(2, H1);
        At(2, new RolloutStep.Acked(H1, new(2), "d", 12, 3.5));
        Assert.Equal(["h1 Refused the switch says no"], States(1));
        Assert.Equal("", test.Store.ReadHosts()[0].Error);

        At(3, new RolloutStep.Sent(H1, new(1)), new RolloutStep.Acked(H1, new(1), "d", 12, 3.5));
        Assert.Equal(["h1 Acked"], States(1));
    }

    [Fact]
    public void Step_that_comes_late_does_not_undo_an_ack()
    {
        Commit(1, H1);
        At(1, new RolloutStep.Acked(H1, new(1), "d", 12, 3.5));

        At(2, new RolloutStep.Sent(H1, new(1)), new RolloutStep.Refused(H1, new(1), "late"), new RolloutStep.Acked(H1, new(1), "d", 12, 9));

        Assert.Equal(
            new HostRollout { Host = H1, State = RolloutState.Acked, AckedAt = Start.AddSeconds(1), Milliseconds = 3.5 },
            Assert.Single(test.Store.FindRollout(new(1))!.Hosts));
    }

    [Fact]
    public void Answers_of_agents_are_audited_and_sending_is_not()
    {
        Commit(1, H1);
        At(1, new RolloutStep.Sent(H1, new(1)), new RolloutStep.Refused(H1, new(1), "no"), new RolloutStep.Acked(H1, new(1), "d", 12, 3.5));

        Assert.Equal(
            [
                "rollout.refused agent/h1 Host/h1 @1: no ",
                """rollout.ack agent/h1 Host/h1 @1: ok {"digest":"d","flows":12,"milliseconds":3.5}""",
            ],
            test.Store.QueryAudit(new() { Kind = "Host", Ascending = true }).Items
                .Select(r => $"{r.Action} {r.Actor} {r.Kind}/{r.Name} @{r.Revision}: {r.Outcome} {r.After}"));
    }

    [Fact]
    public void Newest_rollouts_come_first_without_revisions_that_concern_no_host()
    {
        Commit(1, H1);
        Commit(2);
        Commit(3, H1, H2);

        Assert.Equal([3L, 1], test.Store.ReadRollouts(10).Select(r => r.Revision.Number));
        Assert.Equal([3L], test.Store.ReadRollouts(1).Select(r => r.Revision.Number));
        Assert.Empty(test.Store.FindRollout(new(2))!.Hosts);
        Assert.Equal(Start, test.Store.FindRollout(new(2))!.Finished);
        Assert.Null(test.Store.FindRollout(new(4)));
    }

    [Fact]
    public void Host_keeps_what_is_desired_acked_and_seen_apart()
    {
        test.Store.SetDesired([new(H1, new(4), "want", 10), new(H2, new(4), "want", 10)], []);
        test.Store.SetSeen([new(H2, "0.1.0", "3.1.0", Start)]);
        At(5, new RolloutStep.Acked(H1, new(3), "have", 9, 1));
        test.Store.SetSeen([new(H1, "0.1.1", "3.1.0", Start.AddSeconds(6))]);
        test.Store.SetDesired([new(H1, new(5), "want more", 11)], []);

        HostRecord[] expected =
        [
            new()
            {
                Host = H1,
                DesiredRevision = new(5),
                DesiredDigest = "want more",
                DesiredFlows = 11,
                AckedRevision = new(3),
                AckedDigest = "have",
                AckedFlows = 9,
                AckedAt = Start.AddSeconds(5),
                AgentVersion = "0.1.1",
                SwitchVersion = "3.1.0",
                LastSeen = Start.AddSeconds(6),
            },
            new()
            {
                Host = H2,
                DesiredRevision = new(4),
                DesiredDigest = "want",
                DesiredFlows = 10,
                AgentVersion = "0.1.0",
                SwitchVersion = "3.1.0",
                LastSeen = Start,
            },
        ];
        Assert.Equal(expected, test.Store.ReadHosts());
        test.Reopen();
        Assert.Equal(expected, test.Store.ReadHosts());
    }

    [Fact]
    public void Removed_host_is_forgotten_with_the_rollouts_that_it_will_not_finish()
    {
        Commit(1, H1, H2);
        At(1, new RolloutStep.Acked(H1, new(1), "d", 12, 3.5), new RolloutStep.Acked(H2, new(1), "d", 12, 3.5));
        Commit(2, H1, H2);
        At(2, new RolloutStep.Acked(H2, new(2), "d", 12, 3.5));
        Commit(3, H1);
        At(3, new RolloutStep.Refused(H1, new(3), "the switch says no"));
        Assert.Null(test.Store.FindRollout(new(2))!.Finished);

        Remove(H1);

        Assert.Equal([H2], test.Store.ReadHosts().Select(h => h.Host));
        Assert.Equal(["h1 Acked", "h2 Acked"], States(1));
        Assert.Equal(["h2 Acked"], States(2));
        Assert.Equal(Start.AddSeconds(2), test.Store.FindRollout(new(2))!.Finished);
        Assert.Equal([2L, 1], test.Store.ReadRollouts(10).Select(r => r.Revision.Number));
    }

    [Fact]
    public void Late_word_of_a_removed_host_does_not_bring_it_back()
    {
        Commit(1, H1);
        Remove(H1);

        test.Store.SetSeen([new(H1, "0.1.0", "3.1.0", Start)]);
        At(1, new RolloutStep.Sent(H1, new(1)), new RolloutStep.Acked(H1, new(1), "d", 12, 3.5), new RolloutStep.Refused(H1, new(1), "no"));

        Assert.Empty(test.Store.ReadHosts());
        Assert.Empty(test.Store.ReadRollouts(10));
    }

    [Fact]
    public void Host_that_was_away_for_long_has_what_is_open_sought_by_revision()
    {
        for (var revision = 1; revision <= 5; revision++)
        {
            Commit(revision, H1, H2);
        }

        At(1, new RolloutStep.Acked(H1, new(2), "d", 12, 1), new RolloutStep.Refused(H1, new(3), "no"), new RolloutStep.Acked(H1, new(5), "d", 12, 1));

        Assert.Equal(["h1 Acked", "h1 Acked", "h1 Refused no", "h1 Acked", "h1 Acked"], Enumerable.Range(1, 5).Select(r => States(r)[0]));
        Assert.All(Enumerable.Range(1, 5), r => Assert.Equal("h2 Pending", States(r)[1]));
        Assert.Equal(
            ["SEARCH rollout USING PRIMARY KEY (revision=? AND host=?)", "SEARCH revision USING INTEGER PRIMARY KEY (rowid>?)", "SEARCH host USING INDEX sqlite_autoindex_host_1 (name=?)"],
            test.Store.Writer.Query($"explain query plan delete from rollout where {RolloutTable.Open}", new { Host = "h1" })
                .Select(s => (string)s.detail).Where(s => s.StartsWith("SEARCH", StringComparison.Ordinal) || s.StartsWith("SCAN", StringComparison.Ordinal)));
    }

    private void Remove(Name host) => test.Store.Commit(new()
    {
        Base = test.Store.Current,
        Origin = Origin.Controller,
        Changes = [Put("web", "without a host")],
        RemovedHosts = [host],
    });

    private void Commit(long revision, params Name[] hosts) => test.Store.Commit(new()
    {
        Base = test.Store.Current,
        Origin = Origin.Controller,
        Changes = [Put("web", $"{revision}")],
        Hosts = [.. hosts.Select(h => new HostDesired(h, new(revision), "d", 12))],
    });

    private void At(int seconds, params RolloutStep[] steps)
    {
        test.Time.Now = Start.AddSeconds(seconds);
        test.Store.RecordRollout(steps);
        test.Time.Now = Start;
    }

    private string[] States(long revision) =>
        [.. test.Store.FindRollout(new(revision))!.Hosts.Select(h => $"{h.Host} {h.State} {h.Error}".TrimEnd())];
}
