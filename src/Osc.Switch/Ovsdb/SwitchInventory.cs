using Osc.Model;

namespace Osc.Switch.Ovsdb;

/// <summary>What a switch consists of, as its database says (ovs-vswitchd.conf.db(5)).</summary>
/// <param name="SwitchVersion">Open_vSwitch:ovs_version; null where the database does not say.</param>
/// <param name="Bridges">In name order.</param>
public sealed record SwitchInventory(string? SwitchVersion, ValueList<SwitchBridge> Bridges)
{
    public static readonly SwitchInventory Empty = new(null, []);

    public SwitchBridge? Find(PortName bridge) => Bridges.FirstOrDefault(b => b.Name == bridge);
}

/// <param name="DatapathId">16 hexadecimal digits; null until the switch has made the bridge.</param>
/// <param name="FailMode">"secure" or "standalone"; null is OVS's default, standalone.</param>
/// <param name="DatapathType">"system" or "netdev"; the empty text is OVS's default, system.</param>
/// <param name="Ports">One for each interface, in name order: a bond counts with each of its members.</param>
public sealed record SwitchBridge(PortName Name, string? DatapathId, string? FailMode, string DatapathType, ValueList<SwitchPort> Ports)
{
    /// <summary>Where the bridge's OpenFlow controllers are, in order: whoever is there may change its flows.</summary>
    public ValueList<string> Controllers { get; init; } = [];
}

/// <param name="Name">The interface's name.</param>
/// <param name="OpenFlowPort">The number that the switch gave it, as OpenFlow 1.1 and later write it; null while it has none.</param>
/// <param name="Type">"" (system), "internal", "patch", "geneve" and so on.</param>
/// <param name="IfaceId">external_ids:iface-id.</param>
/// <param name="XsVifUuid">external_ids:xs-vif-uuid.</param>
/// <param name="AttachedMac">external_ids:attached-mac, as written there.</param>
/// <param name="LinkUp">Whether link_state is "up".</param>
public sealed record SwitchPort(PortName Name, uint? OpenFlowPort, string Type, string? IfaceId, string? XsVifUuid, string? AttachedMac, bool LinkUp)
{
    /// <summary>Whether BFD says that the port forwards (bfd_status:forwarding); null where no session is asked for.</summary>
    public bool? BfdForwards { get; init; }

    /// <summary>Whether the switch sends packets through it, as far as the database tells: what bundle actions go by.</summary>
    public bool IsLive => OpenFlowPort is not null && LinkUp && BfdForwards != false;
}
