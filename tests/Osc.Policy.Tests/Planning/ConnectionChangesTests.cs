using Osc.Model;
using Osc.Policy.Decisions;
using Osc.Policy.Planning;
using Osc.Policy.Tests.Verify;
using Osc.Policy.Verify.Meaning;
using Osc.Scenarios.Changes;
using Xunit;

namespace Osc.Policy.Tests.Planning;

/// <summary>What a plan says of connections against Decide, asked for every pair of addresses and many services before and after.</summary>
public sealed class ConnectionChangesTests
{
    private const int Histories = 12;
    private const int Steps = 8;

    private static readonly string[] Outsiders = ["203.0.113.7", "203.0.113.130", "8.8.8.8", "10.1.0.200", "2001:db8::7", "fd00:1::c8"];

    private static readonly (byte Protocol, ushort Port)[] Services =
        [(6, 22), (6, 80), (6, 443), (6, 5432), (6, 6400), (6, 6436), (6, 65535), (17, 53), (17, 80), (132, 443), (47, 0), (255, 0), (1, 8), (1, 13), (58, 128)];

    [Fact]
    public void Changes_are_those_that_Decide_sees() => Parallel.For(0, Histories * Verified.Scale, seed =>
    {
        var churn = Churn.Of(Verified.RandomState(seed).Documents, seed);
        var before = new PolicyMeaning(Verified.StateOf(churn.Documents));
        for (var step = 0; step < Steps; step++)
        {
            var changes = churn.Next();
            var after = new PolicyMeaning(Verified.StateOf(churn.Documents));
            var found = ConnectionChanges.Between(before, after, changes).ToArray();
            foreach (var connection in Connections(before.State, after.State))
            {
                var expected = EffectOf(before.State, after.State, connection);
                var told = found.Where(f => Has(f, connection)).ToArray();
                Assert.True(
                    told.Length == (expected is null ? 0 : 1) && told.All(t => t.Effect == expected),
                    $"seed {seed}, step {step}, {connection}: expected {expected}, told {string.Join(' ', told.Select(t => t.Effect))}\n{string.Join('\n', changes)}");
            }

            before = after;
        }
    });

    private static IEnumerable<Connection> Connections(State before, State after)
    {
        foreach (var vrf in before.Vrfs.Union(after.Vrfs))
        {
            var addresses = before.Interfaces.Concat(after.Interfaces).Where(i => i.Vrf == vrf).SelectMany(i => i.Interface.Addresses)
                .Concat(Outsiders.Select(IpAddress.Parse)).Distinct().ToArray();
            foreach (var source in addresses)
            {
                foreach (var destination in addresses.Where(a => a.Family == source.Family))
                {
                    foreach (var (protocol, port) in Services.Where(s => s.Protocol != (source.IsIPv4 ? IpProtocol.IcmpV6 : IpProtocol.Icmp)))
                    {
                        yield return IpProtocol.HasIcmpType(protocol) ? new(vrf, source, destination, protocol, 0, (byte)port) : new(vrf, source, destination, protocol, port);
                    }
                }
            }
        }
    }

    /// <summary>A connection is there only if both of its ends are: an address that a workload has in one of the states is not there in the other.</summary>
    private static ConnectionEffect? EffectOf(State before, State after, Connection connection)
    {
        var (was, now) = (Decider.Decide(before, connection).Verdict, Decider.Decide(after, connection).Verdict);
        bool[] ownedBefore = [IsOwned(before, connection.Source), IsOwned(before, connection.Destination)];
        bool[] ownedAfter = [IsOwned(after, connection.Source), IsOwned(after, connection.Destination)];
        var appears = ownedBefore.Zip(ownedAfter).Any(o => !o.First && o.Second);
        var goes = ownedBefore.Zip(ownedAfter).Any(o => o.First && !o.Second);
        if (appears || goes)
        {
            // One end of each: there is no moment in which both are there.
            return appears && goes ? null
                : appears && now == Verdict.Allow ? ConnectionEffect.Allowed
                : goes && was == Verdict.Allow ? ConnectionEffect.Dropped
                : null;
        }

        return was == now ? null : now == Verdict.Allow ? ConnectionEffect.Allowed : was == Verdict.Allow ? ConnectionEffect.Dropped : ConnectionEffect.AnsweredOtherwise;

        bool IsOwned(State state, IpAddress address) => state.OwnerOf(connection.Vrf, address) is not null;
    }

    private static bool Has(ConnectionChange change, Connection connection)
    {
        var number = IpProtocol.HasIcmpType(connection.Protocol) ? (ushort)((connection.IcmpType << 8) | connection.IcmpCode) : connection.DestinationPort;
        return change.Vrf == connection.Vrf && change.Sources.Contains(connection.Source) && change.Destinations.Contains(connection.Destination)
            && change.Services.Contains(connection.Protocol, number);
    }
}
