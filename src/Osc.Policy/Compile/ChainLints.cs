using Osc.Flows.Pipeline;
using Osc.Model;
using Osc.Model.Documents;

namespace Osc.Policy.Compile;

/// <summary>What a person should know of inspection chains where they take hold, though nothing is wrong with the documents.</summary>
public static class ChainLints
{
    /// <summary>Hops that a bridge whose rules inspect by them cannot reach, and bridges with more chains and networks than there are numbers for.</summary>
    /// <returns>Sentences, in the order of hosts and bridges.</returns>
    public static IEnumerable<string> Of(State state) =>
        from host in state.Documents.OfType<InspectionChainDocument>().Any() ? state.Hosts : []
        from lint in OfHost([.. BridgeView.Of(state, host).Select(HostCompiler.Prepare)], host.Metadata.Name)
        select lint;

    private static IEnumerable<string> OfHost(IReadOnlyList<HostCompiler.PreparedBridge> bridges, Name host)
    {
        foreach (var bridge in bridges)
        {
            foreach (var chain in bridge.Chains.All)
            {
                foreach (var hop in bridge.View.State.Chain(chain).Hops.Where(h => bridge.View.Reach(h) is null))
                {
                    yield return $"hop {hop.Name} of chain {chain} is out of reach of {bridge.View.Bridge.Name} of host {host}, which {(hop.OnFailure == OnFailure.Open ? "passes it by" : "stops what it should inspect")}";
                }
            }
        }

        var chains = bridges.SelectMany(b => b.Chains.All).Distinct().Count();
        if (chains > Registers.MaxChain)
        {
            yield return $"host {host} inspects by {chains} chains: there is room for {Registers.MaxChain}, and the connections of the others are stopped";
        }

        var lanes = bridges.Sum(b => b.Chains.LaneKeys(b.View).Count());
        if (lanes > InspectionTag.MaxLane)
        {
            yield return $"host {host} sends {lanes} pairs of chains and networks through appliances: there is room for {InspectionTag.MaxLane}, and the connections of the others are stopped";
        }
    }
}
