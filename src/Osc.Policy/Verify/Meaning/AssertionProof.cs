using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy.Verify.Sets;

namespace Osc.Policy.Verify.Meaning;

/// <summary>An assertion that does not hold.</summary>
/// <param name="Counterexample">A connection of which it is not true.</param>
/// <param name="Found">What becomes of that connection, and of all like it.</param>
public sealed record BrokenAssertion(AssertionDocument Assertion, Connection Counterexample, MeantConnections Found)
{
    /// <summary>"10.9.0.1 -> 10.9.0.2 tcp/22 passes: out default, in shop/p/r".</summary>
    public string Story
    {
        get
        {
            string[] sides = [.. new[] { ("out", Found.Out), ("in", Found.In) }.Where(s => s.Item2 is not null).Select(s => $"{s.Item1} {s.Item2!.Rule?.ToString() ?? "default"}")]; // filtered
            var reason = Found.SettledBy == SettledBy.ManyReceivers ? "the network takes no multicast" : string.Join(", ", sides);
            return $"{Counterexample} {(Found.Verdict == Verdict.Allow ? "passes" : $"does not pass ({Found.Verdict.ToString().ToLowerInvariant()})")}: {reason}";
        }
    }
}

/// <summary>
/// Whether assertions hold, for all packets at once. They speak of connections that have a side, at a workload, and that
/// policy decides: neighbour discovery and DHCP pass whatever policy says, and a packet from a workload to itself meets no
/// switch.
/// </summary>
public static class AssertionProof
{
    /// <summary>Beyond this an assertion is not proven: from any to any among very many groups would take minutes.</summary>
    private const long MostWork = 1_000_000_000;

    /// <returns>The assertions that do not hold, of those that can be proven, in document order, each with one counterexample.</returns>
    public static IEnumerable<BrokenAssertion> Broken(PolicyMeaning meaning) =>
        meaning.State.Assertions.Where(a => IsProvable(meaning, a)).Select(a => Counterexample(meaning, a)).OfType<BrokenAssertion>();

    /// <summary>Whether an assertion is narrow enough, among the groups and rules that there are, to be proven in seconds.</summary>
    public static bool IsProvable(PolicyMeaning meaning, AssertionDocument assertion)
    {
        var tenant = assertion.Metadata.Tenant;
        return meaning.State.Vrfs.Sum(vrf => meaning.WorkFor(vrf, meaning.AddressesOf(tenant, assertion.From, vrf), meaning.AddressesOf(tenant, assertion.To, vrf))) <= MostWork;
    }

    /// <summary>A connection of which the assertion is not true; null: it holds.</summary>
    public static BrokenAssertion? Counterexample(PolicyMeaning meaning, AssertionDocument assertion)
    {
        var tenant = assertion.Metadata.Tenant;
        var services = meaning.ServicesOf(assertion.Services).Subtract(ServiceSet.NeighbourDiscovery);
        var named = assertion.From.Count > 0 || assertion.To.Count > 0;
        foreach (var vrf in meaning.State.Vrfs.Where(v => named || meaning.State.IsVrfOf(tenant, v)))
        {
            var sources = meaning.AddressesOf(tenant, assertion.From, vrf);
            var destinations = meaning.AddressesOf(tenant, assertion.To, vrf);
            foreach (var found in meaning.Decide(vrf, sources, destinations, services).Where(f => Breaks(meaning.State, vrf, assertion.Mode, f)))
            {
                if (Apart(meaning.State, vrf, found) is var (source, destination))
                {
                    return new(assertion, found.Services.SampleConnection(vrf, source, destination), found);
                }
            }
        }

        return null;
    }

    private static bool Breaks(State state, QualifiedName vrf, AssertionMode mode, MeantConnections found)
    {
        var hasSide = found.SettledBy == SettledBy.ManyReceivers ? state.OwnerOf(vrf, found.Sources.Sample) is not null : found.Out is not null || found.In is not null;
        return hasSide && (found.Verdict == Verdict.Allow) == (mode == AssertionMode.Never);
    }

    /// <summary>Two addresses of the sets that no one interface has both of; null where there are none.</summary>
    private static (IpAddress Source, IpAddress Destination)? Apart(State state, QualifiedName vrf, MeantConnections found)
    {
        var first = found.Sources.Sample;
        var others = found.Destinations.Subtract(Own(state, vrf, first));
        if (!others.IsEmpty)
        {
            return (first, others.Sample);
        }

        // All destinations are the first source's own: then any source of somebody else will do.
        others = found.Sources.Subtract(Own(state, vrf, first));
        return others.IsEmpty ? null : (others.Sample, found.Destinations.Sample);
    }

    private static AddressSet Own(State state, QualifiedName vrf, IpAddress address) =>
        state.OwnerOf(vrf, address) is { } owner ? AddressSet.Of(owner.Interface.Addresses) : AddressSet.Of(address);
}
