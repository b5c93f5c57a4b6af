using System.Globalization;
using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy;
using Osc.Policy.Validation;

namespace Osc.Scenarios;

/// <summary>
/// A random valid state and random connections in it: the same seed gives the same ones. Small, but with everything in it
/// that the policy language has: tenants and the system tenant, vrfs with overlapping addresses, networks of two tenants in
/// one vrf, routed networks, nested groups with exceptions, literals, all tiers, actions, directions and modes.
/// </summary>
public sealed class RandomScenario
{
    private readonly Random random;

    private RandomScenario(State state, Random random)
    {
        State = state;
        this.random = random;
    }

    public State State { get; }

    /// <param name="seed">Decides the inventory and the first policies.</param>
    public static RandomScenario Of(int seed) => Of(seed, seed);

    /// <summary>The inventory of one seed under the policies of another: a change of intent.</summary>
    public static RandomScenario Of(int inventorySeed, int policySeed) => Of(inventorySeed, policySeed, inspects: true);

    /// <summary>One in which no rule inspects: a single packet shows all that becomes of it.</summary>
    public static RandomScenario WithoutInspection(int seed) => Of(seed, seed, inspects: false);

    private static RandomScenario Of(int inventorySeed, int policySeed, bool inspects)
    {
        var inventory = new RandomInventory(new Random(inventorySeed)).Make();
        var random = new Random(policySeed ^ 0x5eed);
        var documents = DocumentSet.Of(inventory);
        documents = documents.With(new RandomIntent(random, documents, inspects).Make());
        var result = StateValidator.Validate(new Revision(1), documents);
        return new(result.State ?? throw new InvalidOperationException($"seed {inventorySeed}/{policySeed}: {string.Join('\n', result.Errors)}"), random);
    }

    /// <summary>A connection between addresses that are owned, known or foreign, to services near those that rules name.</summary>
    public Connection NextConnection()
    {
        var vrf = random.Pick(State.Vrfs.ToArray());
        var isIPv4 = random.Next(3) > 0;
        var source = NextAddress(vrf, isIPv4);
        var destination = NextAddress(vrf, isIPv4);
        return NextService(isIPv4) switch
        {
            { Protocol: IpProtocol.Icmp or IpProtocol.IcmpV6 } s => new(vrf, source, destination, s.Protocol, 0, (byte)s.Number),
            var s => new(vrf, source, destination, s.Protocol, s.Number),
        };
    }

    private IpAddress NextAddress(QualifiedName vrf, bool isIPv4)
    {
        var owned = State.Interfaces.Where(i => i.Vrf == vrf).SelectMany(i => i.Interface.Addresses).Where(a => a.IsIPv4 == isIPv4).ToArray();
        if (owned.Length > 0 && random.Next(8) > 0)
        {
            return random.Pick(owned);
        }

        return IpAddress.Parse(random.Pick<string>(isIPv4
            ? ["10.1.0.200", "10.2.0.17", "203.0.113.7", "203.0.113.130", "8.8.8.8", "10.1.0.5"]
            : ["fd00:1::c8", "fd00:2::11", "2001:db8::7", "2001:db8:1::7", "fd00:1::5"]));
    }

    private (byte Protocol, ushort Number) NextService(bool isIPv4) => random.Next(10) switch
    {
        < 5 => (IpProtocol.Tcp, random.Pick(RandomClauses.Ports)),
        < 7 => (IpProtocol.Udp, random.Pick(RandomClauses.Ports)),
        7 => (IpProtocol.Sctp, random.Pick(RandomClauses.Ports)),
        8 => isIPv4 ? (IpProtocol.Icmp, random.Pick<ushort>([8, 13])) : (IpProtocol.IcmpV6, (ushort)128),
        _ => (47, (ushort)0),
    };
}

/// <summary>Random choices.</summary>
internal static class RandomExtensions
{
    public static T Pick<T>(this Random random, IReadOnlyList<T> items) => items[random.Next(items.Count)];

    /// <summary>True once in so many times.</summary>
    public static bool OneIn(this Random random, int times) => random.Next(times) == 0;

    public static Name Numbered(string prefix, int number) => Name.Parse(prefix + number.ToString(CultureInfo.InvariantCulture));
}
