using Osc.Model;

namespace Osc.Policy.Compile;

/// <summary>The numbers that the flows of a bridge's ports and joints carry.</summary>
internal interface IFlowNumbers
{
    uint OfTenant(Name tenant);

    uint OfNetwork(QualifiedName network);

    /// <summary>A vrf's conntrack zone on the bridge.</summary>
    uint ZoneOf(QualifiedName vrf);
}
