using System.Collections.Concurrent;
using System.Globalization;
using Osc.Model;
using Osc.Policy.Decisions;
using Osc.Scenarios;
using Xunit;

namespace Osc.Policy.Tests.Compile;

/// <summary>Compiled flows in the packet simulator against Decide: two ways to one answer that share no code.</summary>
public sealed class SimulatedSwitchesTests(ITestOutputHelper output)
{
    private const int States = 2_000;
    private const int ConnectionsOfState = 165;

    private static readonly int Scale = int.Parse(Environment.GetEnvironmentVariable("OSC_TEST_SCALE") ?? "1", CultureInfo.InvariantCulture);

    [Fact]
    public void Flows_do_what_Decide_says_for_first_packet_reply_and_next()
    {
        var seen = Run(States * Scale, (seed, compare) =>
        {
            var scenario = RandomScenario.Of(seed);
            var fleet = new SimulatedFleet(scenario.State);
            for (var i = 0; i < ConnectionsOfState; i++)
            {
                fleet.ForgetConnections();
                compare(fleet, scenario.NextConnection(), false);
            }
        });
        Assert.True(seen >= 200_000 * Scale, $"only {seen} connections were seen by a switch");
    }

    [Fact]
    public void Open_connections_are_decided_anew_when_policy_changes()
    {
        var seen = Run(300 * Scale, (seed, compare) =>
        {
            var before = RandomScenario.Of(seed, seed);
            var after = RandomScenario.Of(seed, seed + 1_000_000);
            var fleet = new SimulatedFleet(before.State);
            var connections = Enumerable.Range(0, 40).Select(_ => before.NextConnection()).DistinctBy(TrackedAs).ToArray();
            foreach (var connection in connections)
            {
                compare(fleet, connection, false);
            }

            fleet.Update(after.State);
            foreach (var connection in connections)
            {
                compare(fleet, connection, true);
            }
        });
        Assert.True(seen > 10_000 * Scale, $"only {seen} connections were seen by a switch");
    }

    private int Run(int seeds, Action<int, Action<SimulatedFleet, Connection, bool>> scenario)
    {
        var seen = 0;
        var allowed = 0;
        var disagreements = new ConcurrentQueue<string>();
        Parallel.For(0, seeds, (seed, loop) => scenario(seed, (fleet, connection, mayBeOpen) =>
        {
            var ends = Ends.Of(fleet.State, connection);
            if (!ends.AreSeen || !ends.AreApart)
            {
                return;
            }

            Interlocked.Increment(ref seen);
            if (Decider.Decide(fleet.State, connection).Verdict == Verdict.Allow)
            {
                Interlocked.Increment(ref allowed);
            }

            if (AgreementCheck.Compare(fleet, connection, mayBeOpen) is { } disagreement)
            {
                disagreements.Enqueue($"seed {seed}: {disagreement}");
                loop.Stop();
            }
        }));
        output.WriteLine($"{seeds} states, {seen} connections, {allowed} of them allowed");
        Assert.True(disagreements.IsEmpty, disagreements.FirstOrDefault());
        return seen;
    }

    /// <summary>What conntrack tells connections apart by: one without ports is the same from either end.</summary>
    private static object TrackedAs(Connection connection)
    {
        var reversed = connection with { Source = connection.Destination, Destination = connection.Source };
        return IpProtocol.HasPorts(connection.Protocol) || connection.Source.CompareTo(connection.Destination) < 0 ? connection : reversed;
    }
}
