using System.Text.Json;
using Osc.Model;

namespace Osc.Switch.Ovsdb;

/// <summary>The monitored rows of the database, kept up to date by its updates (RFC 7047 sections 4.1.5 and 4.1.6).</summary>
internal sealed class InventoryTables
{
    /// <summary>Asks for all rows now and for every change of them later: the columns below, and no counters, which never rest.</summary>
    public static readonly byte[] MonitorRequest =
        """
        {"method":"monitor","id":"monitor","params":["Open_vSwitch","inventory",{
        "Open_vSwitch":{"columns":["ovs_version"]},
        "Bridge":{"columns":["name","ports","datapath_id","fail_mode","datapath_type","controller"]},
        "Controller":{"columns":["target"]},
        "Port":{"columns":["interfaces"]},
        "Interface":{"columns":["name","ofport","external_ids","link_state","type","bfd_status"]}}]}
        """u8.ToArray();

    /// <summary>OFPP_MAX in 16 bits: from here on numbers have a meaning of their own and move up by <see cref="ReservedOffset"/> in 32.</summary>
    private const long FirstReserved = 0xff00;
    private const uint ReservedOffset = 0xffff0000;

    private readonly Dictionary<string, Bridge> bridges = [];
    private readonly Dictionary<string, string[]> interfacesOfPort = [];
    private readonly Dictionary<string, SwitchPort> interfaces = [];
    private readonly Dictionary<string, string> controllers = [];
    private string? version;

    /// <summary>Takes a monitor's answer or one of its updates: for each table, for each row, what it is now; nothing for a row that is gone.</summary>
    /// <returns>Whether it had the form of one.</returns>
    public bool Update(JsonElement tables)
    {
        if (tables.ValueKind != JsonValueKind.Object)
        {
            return false;
        }

        foreach (var table in tables.EnumerateObject())
        {
            if (table.Value.ValueKind != JsonValueKind.Object)
            {
                return false;
            }

            foreach (var row in table.Value.EnumerateObject())
            {
                if (row.Value.ValueKind != JsonValueKind.Object)
                {
                    return false;
                }

                UpdateRow(table.Name, row.Name, row.Value.TryGetProperty("new", out var now) ? now : null);
            }
        }

        return true;
    }

    /// <summary>What the rows say together. A reference to a row that is not there yet counts for nothing.</summary>
    public SwitchInventory ToInventory() => new(version, bridges.Values.OrderBy(b => b.Name).Select(ToBridge).ToValueList());

    private SwitchBridge ToBridge(Bridge bridge) =>
        new(bridge.Name, bridge.DatapathId, bridge.FailMode, bridge.DatapathType, bridge.Ports
            .SelectMany(p => interfacesOfPort.GetValueOrDefault(p) ?? [])
            .Select(i => interfaces.GetValueOrDefault(i))
            .OfType<SwitchPort>()
            .OrderBy(p => p.Name)
            .ToValueList())
        {
            Controllers = bridge.Controllers.Select(c => controllers.GetValueOrDefault(c)).OfType<string>().Order(StringComparer.Ordinal).ToValueList(),
        };

    private void UpdateRow(string table, string id, JsonElement? row)
    {
        switch (table)
        {
            case "Open_vSwitch":
                version = row is { } root ? OvsdbValue.Text(root, "ovs_version") : null;
                break;
            case "Bridge":
                Set(bridges, id, row is { } bridge ? ReadBridge(bridge) : null);
                break;
            case "Port":
                Set(interfacesOfPort, id, row is { } port ? [.. OvsdbValue.References(port, "interfaces")] : null);
                break;
            case "Controller":
                Set(controllers, id, row is { } controller ? OvsdbValue.Text(controller, "target") : null);
                break;
            case "Interface":
                Set(interfaces, id, row is { } networkInterface ? ReadInterface(networkInterface) : null);
                break;
        }
    }

    private static void Set<T>(Dictionary<string, T> rows, string id, T? row)
        where T : class
    {
        if (row is null)
        {
            rows.Remove(id);
        }
        else
        {
            rows[id] = row;
        }
    }

    /// <returns>Null for a name that no flow could use.</returns>
    private static Bridge? ReadBridge(JsonElement row) =>
        PortName.TryParse(OvsdbValue.Text(row, "name"), out var name)
            ? new(name, [.. OvsdbValue.References(row, "ports")], OvsdbValue.Text(row, "datapath_id"), OvsdbValue.Text(row, "fail_mode"), OvsdbValue.Text(row, "datapath_type") ?? "", [.. OvsdbValue.References(row, "controller")])
            : null;

    /// <returns>Null for a name that no flow could use.</returns>
    private static SwitchPort? ReadInterface(JsonElement row) =>
        PortName.TryParse(OvsdbValue.Text(row, "name"), out var name)
            ? new(
                name,
                Number(OvsdbValue.Number(row, "ofport")),
                OvsdbValue.Text(row, "type") ?? "",
                OvsdbValue.Entry(row, "external_ids", "iface-id"),
                OvsdbValue.Entry(row, "external_ids", "xs-vif-uuid"),
                OvsdbValue.Entry(row, "external_ids", "attached-mac"),
                OvsdbValue.Text(row, "link_state") == "up")
            {
                BfdForwards = OvsdbValue.Entry(row, "bfd_status", "forwarding") is { } forwards ? forwards == "true" : null,
            }
            : null;

    /// <summary>The database counts ports in 16 bits, and -1 is one that could not be opened.</summary>
    private static uint? Number(long? ofport) => ofport switch
    {
        > 0 and < FirstReserved => (uint)ofport.Value,
        >= FirstReserved and <= ushort.MaxValue => (uint)ofport.Value + ReservedOffset,
        _ => null,
    };

    private sealed record Bridge(PortName Name, string[] Ports, string? DatapathId, string? FailMode, string DatapathType, string[] Controllers);
}
