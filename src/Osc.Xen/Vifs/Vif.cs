using Osc.Model;

namespace Osc.Xen.Vifs;

/// <summary>
/// What the store says of a guest's network interface on the side of the domain that serves it. The toolstack writes it and the guest
/// cannot; what the guest's own side says of its MAC address is never asked, because the guest may write there.
/// </summary>
/// <param name="Port">The name of its link in the serving domain.</param>
/// <param name="Mac">The address that the toolstack gave it; null where there is none or none that makes sense.</param>
/// <param name="Bridge">The bridge that the toolstack asks for.</param>
/// <param name="Script">The hotplug script that the toolstack asks for.</param>
/// <param name="Guest">The guest's uuid; null where the serving domain may not read it, as a driver domain may not.</param>
/// <param name="IsOnline">Whether the toolstack wants the interface to be there.</param>
public sealed record Vif(VifId Id, PortName Port, MacAddress? Mac, VifState State, string? Bridge, string? Script, string? Guest, bool IsOnline)
{
    /// <summary>What does not change while the interface lives.</summary>
    public VifIdentity Identity => new(Id, Port, Mac, Guest);
}

/// <summary>Which guest's interface a link is. See <see cref="Vif"/>.</summary>
public sealed record VifIdentity(VifId Id, PortName Port, MacAddress? Mac, string? Guest);

/// <summary>The guests' network interfaces that a domain serves.</summary>
/// <param name="Vifs">In order of their ids.</param>
public sealed record VifInventory(ValueList<Vif> Vifs)
{
    public static readonly VifInventory Empty = new([]);
}
