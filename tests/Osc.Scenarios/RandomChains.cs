using Osc.Model;
using Osc.Model.Documents;

namespace Osc.Scenarios;

/// <summary>Random inspection chains, over few appliances, so that chains have some in common.</summary>
internal sealed class RandomChains(Random random)
{
    private const int AppliancesOfHost = 3;

    /// <param name="hosts">Not empty.</param>
    public InspectionChainDocument Make(QualifiedName name, IReadOnlyList<HostDocument> hosts)
    {
        var hops = Enumerable.Range(1, 1 + random.Next(3)).Select(i => MakeHop(i, random.Pick(hosts))).DistinctBy(h => h.Ingress).ToValueList();
        return new(new(name.Name, name.Tenant), hops);
    }

    private Hop MakeHop(int number, HostDocument host)
    {
        var bridge = random.OneIn(3) ? random.Pick(host.Bridges).Name : (PortName?)null;
        var appliance = 1 + random.Next(AppliancesOfHost);
        var at = bridge ?? host.Bridges[0].Name;
        return new(RandomExtensions.Numbered("hop", number), At("in"), At("out"), random.OneIn(3) ? OnFailure.Closed : OnFailure.Open);

        HopPort At(string end) => new(host.Metadata.Name, at, PortName.Parse($"fw{appliance}-{end}"));
    }
}
