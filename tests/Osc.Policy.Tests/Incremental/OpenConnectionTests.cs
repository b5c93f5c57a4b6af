using System.Globalization;
using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy.Compile;
using Osc.Policy.Decisions;
using Osc.Scenarios;
using Osc.Scenarios.Changes;
using Xunit;

namespace Osc.Policy.Tests.Incremental;

/// <summary>Connections that stay open over many changes: each passes as long as policy lets it, and not a packet longer.</summary>
public sealed class OpenConnectionTests(ITestOutputHelper output)
{
    private const int Steps = 60;

    /// <summary>How many times the usual number of changes: `make check` sets it.</summary>
    private static readonly int Scale = int.Parse(Environment.GetEnvironmentVariable("OSC_TEST_SCALE") ?? "1", CultureInfo.InvariantCulture);

    [Fact]
    public void Open_connection_passes_just_as_long_as_policy_lets_it_through_many_changes()
    {
        var (tried, closed, revisits, epochs) = (0, 0, 0, 0);
        Parallel.For(0, 20 * Scale, seed =>
        {
            var start = RandomScenario.Of(seed).State;
            var churn = Churn.Of(start.Documents, seed);
            var run = new EngineRun(start);
            var (fleet, strangers) = (new SimulatedFleet(start), new SimulatedFleet(start));
            var random = new Random(seed);
            var open = new HashSet<Connection>();
            fleet.Update(run.State, Compiled(run));
            for (var step = 0; step < Steps; step++)
            {
                open.UnionWith(Enumerable.Range(0, 20).Select(_ => ConnectionsOf.Random(random, run.State)).Where(c => IsSeen(run.State, c)));
                foreach (var connection in open.Where(c => IsSeen(run.State, c)))
                {
                    AgreementCheck.Compare(fleet, connection, mayBeOpen: true);
                }

                var change = run.Apply(Cutting(run.State.Documents, churn.Next()));
                fleet.Update(run.State, Compiled(run));
                strangers.Update(run.State, Compiled(run));
                strangers.ForgetConnections();
                Interlocked.Add(ref revisits, change.Hosts.Count(h => h.RaisesEpoch));
                foreach (var connection in open.Where(c => IsSeen(run.State, c)).ToArray())
                {
                    Interlocked.Increment(ref tried);
                    var difference = AgreementCheck.Compare(fleet, connection, mayBeOpen: true);

                    // The fleet does not build every network that there can be; what never passed there may not now either.
                    Assert.True(difference is null || AgreementCheck.Compare(strangers, connection) is not null, $"seed {seed}, step {step}: {difference}");
                    if (Decider.Decide(run.State, connection).Verdict != Verdict.Allow)
                    {
                        Interlocked.Increment(ref closed);
                        open.Remove(connection);
                    }
                }
            }

            Interlocked.Add(ref epochs, run.State.Hosts.Sum(h => run.Engine.NumberingOf(h.Metadata.Name).Epoch.Number - 1));
        });
        output.WriteLine($"{tried} times a connection was tried after a change, {closed} times policy had closed it; {revisits} times a host looked at open connections again, {epochs} times at all of them");
        Assert.True(closed > 50 * Scale, "too little was closed to tell");
        Assert.True(epochs < revisits / 2, "connections are hardly told apart");
    }

    private static bool IsSeen(State state, Connection connection) =>
        Ends.Of(state, connection) is { AreSeen: true, AreApart: true } ends && HasUplink(state, ends.Source) && HasUplink(state, ends.Destination);

    private static bool HasUplink(State state, PlacedInterface? end) =>
        end?.Interface.Attachment is not { } at || state.Host(at.Host)!.Bridges.First(b => at.Bridge is null || b.Name == at.Bridge).Uplinks.Count > 0; // validated

    private static IEnumerable<CompiledHost> Compiled(EngineRun run) =>
        run.State.Hosts.Select(h => new CompiledHost(run.Engine.FlowsOf(h.Metadata.Name), run.Engine.NumberingOf(h.Metadata.Name)));

    /// <summary>The same changes with rules that keep nothing.</summary>
    private static DocumentChanges Cutting(DocumentSet before, DocumentChanges changes) => DocumentChanges.Of(
        before,
        changes.Select(c => c.After).OfType<Document>().Select(d => d is PolicyDocument policy ? policy with { Rules = policy.Rules.Select(r => r with { OnRevoke = OnRevoke.Cut }).ToValueList() } : d),
        changes.Where(c => c.After is null).Select(c => c.Key));
}
