using Osc.Model;
using Osc.Xen.Vifs;

namespace Osc.Agent.Observe;

/// <summary>What Xen's store says of the guests' interfaces on this host.</summary>
/// <param name="AreAll">Whether there are no others: the store is there, and its changes are seen.</param>
public sealed record GuestPorts(ValueList<VifIdentity> Vifs, bool AreAll)
{
    /// <summary>There is no Xen, or its store was not seen yet.</summary>
    public static readonly GuestPorts None = new([], AreAll: false);
}
