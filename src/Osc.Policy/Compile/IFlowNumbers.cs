using Osc.Model;

namespace Osc.Policy.Compile;

/// <summary>The numbers that the flows of a bridge's ports and joints carry.</summary>
internal interface IFlowNumbers
{
    uint OfTenant(Name tenant);

    uint OfNetwork(QualifiedName network);

    /// <summary>A vrf's conntrack zone on the bridge.</summary>
    uint ZoneOf(QualifiedName vrf);

    /// <summary>An inspection chain's number on the host; there may be more than there is room for.</summary>
    uint OfChain(QualifiedName chain);

    /// <summary>The number of a way through appliances and a network, by <see cref="InspectedWay.LaneKey"/>; likewise.</summary>
    uint OfLane(string key);
}
