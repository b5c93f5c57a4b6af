using Osc.Flows.Pipeline;
using Osc.Model;
using Osc.Policy.Classes;

namespace Osc.Policy.Compile;

/// <summary>A host's numbering as one bridge's flows ask it.</summary>
internal sealed class BridgeNumbers(PortName bridge, HostNumbering numbering) : IFlowNumbers
{
    public ConnectionEpoch Epoch => numbering.Epoch;

    public uint Of(AddressClass addressClass) => addressClass.Key.Length == 0 ? 0 : numbering.Classes[addressClass.Key];

    public uint Of(RuleKey rule) => numbering.Rules[rule.ToString()];

    public uint OfTenant(Name tenant) => numbering.Tenants[tenant.Value];

    public uint OfNetwork(QualifiedName network) => numbering.Networks[network.ToString()];

    public uint ZoneOf(QualifiedName vrf) => numbering.Zones[ZoneKey(bridge, vrf)];

    public uint OfChain(QualifiedName chain) => numbering.Chains[chain.ToString()];

    public uint OfLane(string key) => numbering.Lanes[key];

    public ushort PriorityOf(PipelineTable table, RuleKey rule) => (ushort)numbering.Priorities[PriorityKey(bridge, table, rule)];

    public static string ZoneKey(PortName bridge, QualifiedName vrf) => $"{bridge} {vrf}";

    public static string PriorityKey(PortName bridge, PipelineTable table, RuleKey rule) => $"{bridge} {table.Name} {rule}";
}
