using Osc.Model;
using Osc.Switch.Ovsdb;
using Osc.Switch.Reconcile;
using Xunit;

namespace Osc.Switch.Tests.Reconcile;

public sealed class PortBindingTests
{
    [Fact]
    public void Binding_finds_a_port_by_its_name_and_its_ids()
    {
        var binding = Of(Port("vif3.0", 3, iface: "web", vif: "uuid-3"), Port("vif4.0", null));
        Assert.Equal([3u, 3u, 3u, null, null], new[] { "vif3.0", "web", "uuid-3", "vif4.0", "other" }.Select(n => binding.Find(PortName.Parse(n))));
    }

    [Fact]
    public void Binding_takes_a_name_before_an_id()
    {
        Assert.Equal(4u, Of(Port("a", 3, iface: "b"), Port("b", 4)).Find(PortName.Parse("b")));
        Assert.Null(Of(Port("a", 3, iface: "b"), Port("b", null)).Find(PortName.Parse("b")));
    }

    [Fact]
    public void Binding_does_not_choose_between_two_ports_with_one_id() =>
        Assert.Null(Of(Port("a", 3, iface: "web"), Port("b", 4, vif: "web")).Find(PortName.Parse("web")));

    [Fact]
    public void Binding_ignores_an_id_that_is_no_port_name() => Assert.Equal([PortName.Parse("a")], Of(Port("a", 3, iface: "no name", vif: "")).Numbers.Keys);

    private static PortBinding Of(params SwitchPort[] ports) => PortBinding.Of(new SwitchBridge(PortName.Parse("br0"), null, null, "", ports.ToValueList()));

    private static SwitchPort Port(string name, uint? number, string? iface = null, string? vif = null) => new(PortName.Parse(name), number, "", iface, vif, null, true);
}
