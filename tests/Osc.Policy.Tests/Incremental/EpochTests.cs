using System.Globalization;
using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy.Decisions;
using Osc.Policy.Incremental;
using Osc.Scenarios;
using Osc.Scenarios.Changes;
using Xunit;
using static Osc.Policy.Tests.Given;

namespace Osc.Policy.Tests.Incremental;

/// <summary>"A change that can only add permission keeps the epoch. A change that can take permission away raises it."</summary>
public sealed class EpochTests(ITestOutputHelper output)
{
    private static readonly Name H1 = Name.Parse("h1");

    private static readonly Document[] Intent =
    [
        Group("web", Selected("app = web")),
        Group("db", Selected("app = db")),
        Group("bad", Selected("quarantine = yes")),
        PolicyOf("q", Drop("bad", "bad"), Drop("to-bad", "", "bad")),
        PolicyOf("r", Allow("sql", "web", "db", "tcp/5432"), Allow("http", "", "web", "tcp/80 tcp/443")),
    ];

    private static readonly int Scale = int.Parse(Environment.GetEnvironmentVariable("OSC_TEST_SCALE") ?? "1", CultureInfo.InvariantCulture);

    public static TheoryData<string, Document[]> Opening => new()
    {
        { "another rule that allows", [PolicyOf("r", Allow("ping", services: "icmp"), Allow("sql", "web", "db", "tcp/5432"), Allow("http", "", "web", "tcp/80 tcp/443"))] },
        { "more services", [PolicyOf("r", Allow("sql", "web", "db", "tcp/5432 tcp/5433"), Allow("http", "", "web", "tcp/80 tcp/443"))] },
        { "more peers", [PolicyOf("r", Allow("sql", "web db", "db", "tcp/5432"), Allow("http", "", "web", "tcp/80 tcp/443"))] },
        { "a rule that drops less", [PolicyOf("q", Drop("bad", "bad", "", "tcp/22"), Drop("to-bad", "", "bad"))] },
        { "a rule that drops gone", [PolicyOf("q", Drop("bad", "bad"))] },
        { "drop that tells the sender", [PolicyOf("q", Reject("bad", "bad"), Drop("to-bad", "", "bad"))] },
        { "an allowing rule that comes earlier", [PolicyOf("r", Allow("http", "", "web", "tcp/80 tcp/443"), Allow("sql", "web", "db", "tcp/5432"))] },
        { "a dropping rule that comes later", [PolicyOf("q", Drop("to-bad", "", "bad"), Drop("bad", "bad"))] },
        { "a member more of a group that is allowed", [Workload("web-3", "app=web", Nic(51, "h2", "front", "10.1.0.51"))] },
        { "a member less of a group that is dropped", [Workload("bad-1", "app=none", Nic(52, "h2", "front", "10.1.0.52"))] },
        { "a default that allows", [Tenant("shop", DefaultAction.Allow)] },
    };

    public static TheoryData<string, Document[]> Closing => new()
    {
        { "a rule that allows gone", [PolicyOf("r", Allow("sql", "web", "db", "tcp/5432"))] },
        { "fewer services", [PolicyOf("r", Allow("sql", "web", "db", "tcp/5432"), Allow("http", "", "web", "tcp/80"))] },
        { "another rule that drops", [PolicyOf("q", Drop("bad", "bad"), Drop("to-bad", "", "bad"), Drop("ssh", services: "tcp/22"))] },
        { "a member less of a group that is allowed", [Workload("web-2", "app=none", Nic(2, "h2", "front", "10.1.0.2 fd00:1::2"))] },
        { "a member more of a group that is dropped", [Workload("web-2", "app=web quarantine=yes", Nic(2, "h2", "front", "10.1.0.2 fd00:1::2"))] },
        { "a group in another rule's stead", [PolicyOf("r", Allow("sql", "bad", "db", "tcp/5432"), Allow("http", "", "web", "tcp/80 tcp/443"))] },
        { "a passing rule", [PolicyOf("q", new Rule(Name.Parse("go-on"), [], [], [], RuleAction.Pass), Drop("bad", "bad"), Drop("to-bad", "", "bad"))] },
    };

    [Theory]
    [MemberData(nameof(Opening))]
    public void Change_that_only_opens_keeps_the_epoch(string what, Document[] change)
    {
        var hosts = Changed(change);
        output.WriteLine($"{what}: {hosts.Count} hosts");

        Assert.NotEmpty(hosts);
        Assert.DoesNotContain(hosts, h => h.RaisesEpoch);
    }

    [Theory]
    [MemberData(nameof(Closing))]
    public void Change_that_closes_something_raises_the_epoch(string what, Document[] change)
    {
        Assert.True(Assert.Single(Changed(change), h => h.Host == H1).RaisesEpoch, what);
    }

    /// <summary>Whatever a random change closes on a bridge, as the specification decides it, the bridge's host decides anew.</summary>
    [Fact]
    public void Whatever_a_change_closes_on_a_bridge_raises_its_hosts_epoch()
    {
        var (closed, raised, changes) = (0, 0, 0);
        Parallel.For(0, 20 * Scale, seed =>
        {
            var start = RandomScenario.Of(seed).State;
            var churn = Churn.Of(start.Documents, seed);
            var run = new EngineRun(start);
            var random = new Random(seed);
            for (var step = 0; step < 60; step++)
            {
                var before = run.State;
                var change = run.Apply(churn.Next());
                var hosts = change.Hosts.Where(h => h.RaisesEpoch).Select(h => h.Host).ToHashSet();
                Interlocked.Increment(ref changes);
                Interlocked.Add(ref raised, hosts.Count);
                for (var i = 0; i < 60; i++)
                {
                    var connection = ConnectionsOf.Random(random, random.Next(2) == 0 ? before : run.State);
                    foreach (var bridge in Closed(before, run.State, connection))
                    {
                        Interlocked.Increment(ref closed);
                        Assert.True(hosts.Contains(bridge.Host) || change.Created.Contains(bridge.Host), $"seed {seed}, step {step}: {bridge} goes on with {connection}");
                    }
                }
            }
        });
        output.WriteLine($"{changes} changes raised {raised} epochs; {closed} times a connection was closed");
        Assert.True(closed > 50 * Scale, "too little was closed to tell");
    }

    private static IReadOnlyList<HostChange> Changed(Document[] change)
    {
        var run = new EngineRun(World.Of(
            [.. Intent, Workload("web-3", "app=none", Nic(51, "h2", "front", "10.1.0.51")), Workload("bad-1", "quarantine=yes", Nic(52, "h2", "front", "10.1.0.52"))]).State);
        return run.Apply(DocumentChanges.Of(run.State.Documents, change, [])).Hosts;
    }

    /// <summary>Bridges on which every side that stood there let the connection pass before, and some side that stands there now does not.</summary>
    private static IEnumerable<(Name Host, PortName? Bridge)> Closed(State before, State after, Connection connection)
    {
        var (then, now) = (Decider.Decide(before, connection), Decider.Decide(after, connection));
        var sidesThen = Sides(before, connection, then).ToArray();
        var sidesNow = Sides(after, connection, now).ToArray();
        return sidesThen.Select(s => s.Place).Distinct()
            .Where(place => sidesThen.Where(s => s.Place == place).All(s => s.Verdict == Verdict.Allow && sidesNow.Any(n => n.Place == place && n.IsOut == s.IsOut))
                && sidesNow.Any(s => s.Place == place && s.Verdict != Verdict.Allow))
            .ToArray();
    }

    private static IEnumerable<((Name Host, PortName? Bridge) Place, bool IsOut, Verdict Verdict)> Sides(State state, Connection connection, Decision decision)
    {
        foreach (var (side, address, isOut) in new[] { (decision.Out, connection.Source, true), (decision.In, connection.Destination, false) })
        {
            if (side is not null && state.OwnerOf(connection.Vrf, address)?.Interface.Attachment is { } attachment)
            {
                yield return ((attachment.Host, attachment.Bridge ?? state.Host(attachment.Host)!.Bridges[0].Name), isOut, side.Verdict); // validated
            }
        }
    }
}
