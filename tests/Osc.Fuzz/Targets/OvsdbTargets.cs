using System.Text;
using Osc.Fuzz.Engine;
using Osc.Switch;
using Osc.Switch.Control;
using Osc.Switch.Ovsdb;

namespace Osc.Fuzz.Targets;

/// <summary>What a switch's database and its daemons' control sockets say.</summary>
internal static class OvsdbTargets
{
    private const string Inventory =
        """
        {"id":"monitor","error":null,"result":{"Open_vSwitch":{"r":{"new":{"ovs_version":"3.1.0"}}},
        "Bridge":{"b":{"new":{"name":"br0","ports":["set",[["uuid","p1"],["uuid","p2"]]],"datapath_id":"0000aabbccddeeff","fail_mode":"secure","datapath_type":"netdev","controller":["set",[]]}}},
        "Controller":{"c":{"new":{"target":"tcp:127.0.0.1:6653"}}},
        "Port":{"p1":{"new":{"interfaces":["uuid","i1"]}},"p2":{"new":{"interfaces":["set",[["uuid","i2"]]]}}},
        "Interface":{"i1":{"new":{"name":"br0","ofport":65534,"external_ids":["map",[]],"link_state":"up","type":"internal"}},
        "i2":{"new":{"name":"vif3.0","ofport":3,"external_ids":["map",[["attached-mac","02:00:00:00:00:01"],["iface-id","web"],["xs-vif-uuid","u"]]],"link_state":"down","type":"","bfd_status":["map",[["forwarding","true"]]]}}}}}
        """;

    private const string Update = """{"method":"update","id":null,"params":["inventory",{"Interface":{"i2":{"old":{"ofport":3},"new":{"name":"vif3.0","ofport":8}},"i1":{"old":{}}}}]}""";

    private static readonly SwitchSockets Sockets = SwitchSockets.In(Scratch.NewFolder());

    private static readonly string ControlSocket = Path.Combine(Sockets.RunDirectory, "ovs-vswitchd.1.ctl");

    private static readonly Lazy<RawPeer> Database = new(() => new(Sockets.Database));

    private static readonly Lazy<RawPeer> Daemon = new(() => new(ControlSocket));

    public static IReadOnlyList<FuzzTarget> List { get; } =
    [
        new()
        {
            Name = "ovsdb",
            Seeds = () => Bytes(Inventory, Inventory + Update, """{"method":"echo","id":"echo","params":[]}""" + Inventory, """{"id":"monitor","error":{"error":"x","details":"y"},"result":null}"""),
            Run = input => Database.Value.Play(WatchAsync, (1, input)),
            UsesThreads = true,
        },
        new()
        {
            Name = "ovs-control",
            Seeds = () => Bytes("""{"id":0,"error":null,"result":"netdev@ovs-netdev:\n  lookups: hit:17 missed:4 lost:0\n  flows: 2\n"}""", """{"id":0,"error":"no such command","result":null}"""),
            Run = input => Daemon.Value.Play(AskAsync, (1, input)),
            UsesThreads = true,
        },
    ];

    private static IEnumerable<byte[]> Bytes(params string[] texts) => texts.Select(Encoding.UTF8.GetBytes);

    private static async Task<string> WatchAsync()
    {
        var (last, known) = ((InventoryEvent?)null, "");
        await foreach (var next in InventoryWatch.RunAsync(Sockets, SwitchTiming.Default, TimeProvider.System, CancellationToken.None))
        {
            last = next;
            known = next is InventoryKnown { Inventory: var inventory } ? $"{inventory.Bridges.Count} bridges, {inventory.Bridges.Sum(b => b.Ports.Count)} ports" : known;
        }

        Oracle.Holds(last is InventoryLost { Reason.Length: > 0 }, "a watch ends with the reason");
        return last is InventoryLost lost ? Shape.Of(lost.Reason.Replace(Sockets.RunDirectory, "", StringComparison.Ordinal)) : known;
    }

    private static async Task<string> AskAsync()
    {
        try
        {
            using var connection = ControlConnection.Open(ControlSocket);
            var answer = await connection.RunAsync("dpctl/show", [], CancellationToken.None);
            return answer.Output is { } output ? $"{DatapathCounters.Parse(output).Length} datapaths" : "refused";
        }
        catch (ConnectionLostException e)
        {
            return Shape.Of(e.Message.Replace(Sockets.RunDirectory, "", StringComparison.Ordinal));
        }
    }
}
