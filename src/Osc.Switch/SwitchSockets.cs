using Osc.Model;

namespace Osc.Switch;

/// <summary>Where a switch's unix sockets are.</summary>
/// <param name="RunDirectory">Holds a management socket "BRIDGE.mgmt" for each bridge.</param>
/// <param name="Database">The OVSDB server's socket.</param>
public sealed record SwitchSockets(string RunDirectory, string Database)
{
    /// <summary>The place where Debian and Red Hat packages put them.</summary>
    public const string DefaultRunDirectory = "/var/run/openvswitch";

    /// <summary>The usual layout: the database's socket is "db.sock" in the run directory.</summary>
    public static SwitchSockets In(string runDirectory) => new(runDirectory, Path.Combine(runDirectory, "db.sock"));

    /// <summary>The bridge's management socket. It speaks OpenFlow and, other than a controller connection, changes nothing when it opens or closes.</summary>
    public string Management(PortName bridge) => Path.Combine(RunDirectory, bridge.Value + ".mgmt");
}
