using Osc.Model;
using Osc.Policy;

namespace Osc.Lab;

/// <summary>A workload's interface in the lab: a namespace with its MAC and addresses, plugged into its host's switch.</summary>
/// <param name="Placed">The interface as the documents have it.</param>
/// <param name="Link">The switch's end: a link in the host's namespace, and a port of its bridge.</param>
public sealed record Station(PlacedInterface Placed, Netns Netns, SwitchInstance Host, PortName Bridge, string Link)
{
    /// <summary>The workload's end of the link.</summary>
    public const string InnerLink = "eth0";

    /// <summary>"shop/web-1", with the interface where the workload has several.</summary>
    public string Name => Placed.Workload.Interfaces.Count == 1 ? Placed.Workload.QualifiedName.ToString() : Placed.ToString();

    public IEnumerable<IpAddress> Addresses => Placed.Interface.Addresses;
}
