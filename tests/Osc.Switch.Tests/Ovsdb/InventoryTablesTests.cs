using System.Text.Json;
using System.Text.Json.Nodes;
using CsCheck;
using Osc.Model;
using Osc.Switch.Ovsdb;
using Xunit;

namespace Osc.Switch.Tests.Ovsdb;

public sealed class InventoryTablesTests
{
    private const string First =
        """
        {"Open_vSwitch":{"r":{"new":{"ovs_version":"3.1.0"}}},
         "Bridge":{"b":{"new":{"name":"br0","ports":["set",[["uuid","p1"],["uuid","p2"]]],"datapath_id":"0000aabbccddeeff","fail_mode":"secure","datapath_type":"netdev"}}},
         "Port":{"p1":{"new":{"interfaces":["uuid","i1"]}},"p2":{"new":{"interfaces":["set",[["uuid","i2"],["uuid","i3"]]]}}},
         "Interface":{
          "i1":{"new":{"name":"br0","ofport":65534,"external_ids":["map",[]],"link_state":"up","type":"internal"}},
          "i2":{"new":{"name":"vif3.0","ofport":3,"external_ids":["map",[["attached-mac","02:00:00:00:00:01"],["iface-id","web"],["xs-vif-uuid","u"]]],"link_state":"down","type":""}},
          "i3":{"new":{"name":"eth0","ofport":-1,"external_ids":["map",[]],"link_state":["set",[]],"type":""}}}}
        """;

    [Fact]
    public void Inventory_is_what_the_rows_say_together()
    {
        var inventory = After(First);
        Assert.Equal("3.1.0", inventory.SwitchVersion);
        var bridge = Assert.Single(inventory.Bridges);
        Assert.Equal(("br0", "0000aabbccddeeff", "secure", "netdev"), (bridge.Name.Value, bridge.DatapathId, bridge.FailMode, bridge.DatapathType));
        Assert.Equal(
            [
                new(PortName.Parse("br0"), 0xfffffffe, "internal", null, null, null, true),
                new(PortName.Parse("eth0"), null, "", null, null, null, false),
                new SwitchPort(PortName.Parse("vif3.0"), 3, "", "web", "u", "02:00:00:00:00:01", false),
            ],
            bridge.Ports);
    }

    [Fact]
    public void Inventory_follows_rows_that_change_and_go()
    {
        var inventory = After(
            First,
            """{"Interface":{"i2":{"old":{"ofport":3},"new":{"name":"vif3.0","ofport":8,"external_ids":["map",[]],"link_state":"up","type":""}}}}""",
            """{"Port":{"p1":{"old":{}}},"Interface":{"i1":{"old":{}}}}""");
        Assert.Equal([null, 8u], Assert.Single(inventory.Bridges).Ports.Select(p => p.OpenFlowPort));

        Assert.Empty(After(First, """{"Bridge":{"b":{"old":{"name":"br0"}}}}""").Bridges);
    }

    [Fact]
    public void Inventory_leaves_out_a_port_that_no_flow_could_name() =>
        Assert.Equal(["br0", "eth0"], Assert.Single(After(First, """{"Interface":{"i2":{"new":{"name":"no name","ofport":3}}}}""").Bridges).Ports.Select(p => p.Name.Value));

    [Theory]
    [InlineData("[]")]
    [InlineData("""{"Bridge":7}""")]
    [InlineData("""{"Bridge":{"b":[]}}""")]
    public void Update_of_another_form_is_refused(string update)
    {
        using var json = JsonDocument.Parse(update);
        Assert.False(new InventoryTables().Update(json.RootElement));
    }

    /// <summary>Every value of an update replaced by some other one: no exception, whatever comes of it.</summary>
    [Fact]
    public void Update_with_values_of_other_types_never_throws() =>
        Gen.Select(Gen.Int[0, 120], Gen.OneOf("7", "null", "\"x\"", "[]", "{}", """["set",7]""", """["uuid",7]""", """["map",[[1,2],["a"],7]]""", """["map",7]""", "1e400", "-1", "99999999999"))
            .Sample((index, value) =>
            {
                var root = JsonNode.Parse(First)!; // Valid, see above.
                var nodes = Below(root).ToArray();
                nodes[index % nodes.Length].ReplaceWith(JsonNode.Parse(value));
                using var json = JsonDocument.Parse(root.ToJsonString());
                var tables = new InventoryTables();
                tables.Update(json.RootElement);
                tables.ToInventory();
            });

    private static IEnumerable<JsonNode> Below(JsonNode node)
    {
        var children = node switch
        {
            JsonObject o => o.Select(p => p.Value),
            JsonArray a => a,
            _ => [],
        };
        return children.OfType<JsonNode>().SelectMany(c => Below(c).Prepend(c));
    }

    private static SwitchInventory After(params string[] updates)
    {
        var tables = new InventoryTables();
        foreach (var update in updates)
        {
            using var json = JsonDocument.Parse(update);
            Assert.True(tables.Update(json.RootElement));
        }

        return tables.ToInventory();
    }
}
