using Osc.Model;
using Osc.Policy.Decisions;
using Osc.Policy.Verify.Meaning;
using Osc.Policy.Verify.Sets;
using Osc.Scenarios;
using Xunit;

namespace Osc.Policy.Tests.Verify;

public sealed class PolicyMeaningTests
{
    private const int States = 150;

    [Fact]
    public void Meaning_says_what_decide_says_at_every_edge_of_every_block() => Parallel.For(0, States * Verified.Scale, seed =>
    {
        var state = Verified.RandomState(seed);
        var meaning = new PolicyMeaning(state);
        foreach (var vrf in state.Vrfs)
        {
            foreach (var part in meaning.Decide(vrf, AddressSet.All, AddressSet.All, ServiceSet.All))
            {
                foreach (var connection in Edges(vrf, part, new Random(seed)))
                {
                    Agree(state, part, connection, seed);
                }
            }
        }
    });

    [Fact]
    public void Meaning_has_every_connection_in_exactly_one_block() => Parallel.For(0, States * Verified.Scale, seed =>
    {
        var scenario = RandomScenario.Of(seed);
        var meaning = new PolicyMeaning(scenario.State);
        var parts = scenario.State.Vrfs.ToDictionary(v => v, v => meaning.Decide(v, AddressSet.All, AddressSet.All, ServiceSet.All).ToArray());
        for (var i = 0; i < 50; i++)
        {
            var connection = scenario.NextConnection();
            var service = IpProtocol.HasIcmpType(connection.Protocol) ? (ushort)((connection.IcmpType << 8) | connection.IcmpCode) : connection.DestinationPort;
            var part = Assert.Single(parts[connection.Vrf], p =>
                p.Sources.Contains(connection.Source) && p.Destinations.Contains(connection.Destination) && p.Services.Contains(connection.Protocol, service));
            Agree(scenario.State, part, connection, seed);
            var alone = Assert.Single(new PolicyMeaning(scenario.State).Decide(
                connection.Vrf, AddressSet.Of(connection.Source), AddressSet.Of(connection.Destination), part.Services.Intersect(OnlyOf(connection))));
            Assert.Equal((part.Verdict, part.Out, part.In), (alone.Verdict, alone.Out, alone.In));
        }
    });

    [Fact]
    public void Group_as_a_set_has_the_addresses_that_its_clauses_give() => Parallel.For(0, States * Verified.Scale, seed =>
    {
        var state = Verified.RandomState(seed);
        var meaning = new PolicyMeaning(state);
        foreach (var group in state.Documents.OfType<Model.Documents.SecurityGroupDocument>())
        {
            foreach (var vrf in state.Vrfs)
            {
                var members = meaning.AddressesOf(group.QualifiedName, vrf);
                var edges = members.Ranges.ToArray().SelectMany(r => new[] { r.First, r.Last, r.First - 1, r.Last + 1 })
                    .Concat(state.Interfaces.SelectMany(i => i.Interface.Addresses).Select(a => a.Bits));
                Assert.All(edges.Distinct().Select(IpAddress.FromBits), a =>
                    Assert.True(members.Contains(a) == Membership.OfGroup(state, group.QualifiedName, vrf, a), $"seed {seed}: {a} in {group.QualifiedName}, {vrf}"));
            }
        }
    });

    private static ServiceSet OnlyOf(Connection connection) => ServiceSet.Of(
        IpProtocol.HasPorts(connection.Protocol) ? ServicePort.OfPorts(connection.Protocol, new(connection.DestinationPort, connection.DestinationPort))
        : IpProtocol.HasIcmpType(connection.Protocol) ? ServicePort.OfIcmp(connection.Protocol, connection.IcmpType, connection.IcmpCode)
        : ServicePort.OfProtocol(connection.Protocol));

    private static IEnumerable<Connection> Edges(QualifiedName vrf, MeantConnections part, Random random)
    {
        foreach (var service in Some(Ends(part.Services.Ranges), random))
        {
            foreach (var source in Some(Ends(part.Sources.Ranges), random))
            {
                foreach (var destination in Some(Ends(part.Destinations.Ranges), random))
                {
                    yield return ServiceSet.ConnectionTo(vrf, IpAddress.FromBits(source), IpAddress.FromBits(destination), service);
                }
            }
        }
    }

    private static T[] Some<T>(T[] ends, Random random)
    {
        random.Shuffle(ends);
        return ends[..Math.Min(3, ends.Length)];
    }

    private static T[] Ends<T>(ReadOnlySpan<Interval<T>> ranges)
        where T : struct, System.Numerics.IBinaryInteger<T>
    {
        var ends = new List<T>();
        foreach (var range in ranges)
        {
            ends.Add(range.First);
            ends.Add(range.Last);
        }

        return [.. ends];
    }

    private static void Agree(State state, MeantConnections part, Connection connection, int seed)
    {
        var decision = Decider.Decide(state, connection);
        Assert.True(
            decision.Verdict == part.Verdict && Same(decision.Out, part.Out) && Same(decision.In, part.In),
            $"seed {seed}: {connection}\ndecide: {decision}\nmeaning: {part.Verdict} {part.Out} {part.In} {part.SettledBy}");
    }

    private static bool Same(SideDecision? decided, SideMeaning? meant) =>
        decided is null ? meant is null : meant is not null && decided.Verdict == meant.Verdict && decided.Rule == meant.Rule && decided.Chain == meant.Chain;
}
