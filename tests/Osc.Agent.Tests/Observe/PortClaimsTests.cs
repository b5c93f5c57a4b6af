using Osc.Agent.Observe;
using Osc.Model;
using Osc.Switch.Ovsdb;
using Osc.Xen.Vifs;
using Xunit;

namespace Osc.Agent.Tests.Observe;

public sealed class PortClaimsTests
{
    private const string Mac = "00:16:3e:00:00:09";
    private const string OtherMac = "00:16:3e:00:00:0a";

    [Fact]
    public void Port_is_bound_by_every_name_that_it_alone_claims()
    {
        var claims = Of([Port("vif9.0", 3, "id", "uuid", Mac.ToUpperInvariant())]);
        Assert.Equal(["00:16:3e:00:00:09=3", "id=3", "uuid=3", "vif9.0=3"], Bound(claims));
        Assert.Empty(claims.Faults);
    }

    [Fact]
    public void Address_in_Xens_store_names_the_port_of_the_vifs_name()
    {
        var claims = Of([Port("vif9.0", 3), Port("vif9.1", 4)], Vif(9, 0, Mac), Vif(9, 1, OtherMac), Vif(10, 0, "00:16:3e:00:00:0b"));
        Assert.Equal(["00:16:3e:00:00:09=3", "00:16:3e:00:00:0a=4", "vif9.0=3", "vif9.1=4"], Bound(claims));
    }

    [Fact]
    public void Name_that_two_ports_claim_is_bound_to_neither_and_told()
    {
        var claims = Of([Port("vif9.0", 3, mac: Mac), Port("vif12.0", 4)], Vif(12, 0, Mac));
        Assert.Equal(["vif12.0=4", "vif9.0=3"], Bound(claims));
        Assert.Equal([$"bridge br0: the ports vif12.0, vif9.0 all claim the name {Mac}; it is bound to none of them"], claims.Faults.Select(f => f.Detail));
    }

    [Fact]
    public void What_is_left_of_a_port_without_its_link_stands_in_nobodys_way()
    {
        var claims = Of([Port("vif9.0", null, "id", mac: Mac), Port("vif12.0", 4, "id", mac: Mac)]);
        Assert.Equal([$"{Mac}=4", "id=4", "vif12.0=4"], Bound(claims));
        Assert.Empty(claims.Faults);
    }

    [Fact]
    public void Port_of_a_guest_that_the_store_no_longer_knows_claims_its_name_alone()
    {
        SwitchBridge bridge = new(PortName.Parse("br0"), null, "secure", "", [Port("tap7.0", 2, mac: OtherMac), Port("vif9.0", 3, "id", "uuid", Mac), Port("vif12.0", 4, mac: Mac)]);
        Assert.Equal(
            [$"{Mac}=4", $"{OtherMac}=2", "tap7.0=2", "vif12.0=4", "vif9.0=3"],
            Bound(PortClaims.Of(bridge, new([Vif(12, 0, Mac)], AreAll: true))));
    }

    [Fact]
    public void Name_of_an_interface_is_its_own_even_without_a_number()
    {
        var claims = Of([Port("vif9.0", null), Port("vif12.0", 4, "vif9.0")]);
        Assert.Equal(["vif12.0=4"], Bound(claims));
        Assert.Single(claims.Faults);
    }

    [Fact]
    public void Port_of_which_two_addresses_are_told_is_bound_to_neither()
    {
        var claims = Of([Port("vif9.0", 3, "id", mac: OtherMac)], Vif(9, 0, Mac));
        Assert.Equal(["id=3", "vif9.0=3"], Bound(claims));
        Assert.Equal([$"bridge br0: port vif9.0 is said to have the addresses {Mac} and {OtherMac}; it is bound to neither"], claims.Faults.Select(f => f.Detail));
    }

    [Fact]
    public void Two_vifs_that_ask_for_one_link_name_are_two_addresses_of_one_port()
    {
        var claims = Of([Port("dmz", 3)], Vif(9, 0, Mac) with { Port = PortName.Parse("dmz") }, Vif(10, 0, OtherMac) with { Port = PortName.Parse("dmz") });
        Assert.Equal(["dmz=3"], Bound(claims));
        Assert.Single(claims.Faults);
    }

    [Theory]
    [InlineData("00:00:00:00:00:00")]
    [InlineData("ff:ff:ff:ff:ff:ff")]
    [InlineData("nonsense")]
    public void Address_that_no_workload_can_have_names_nothing(string mac) => Assert.Equal(["vif9.0=3"], Bound(Of([Port("vif9.0", 3, mac: mac)])));

    private static VifIdentity Vif(ushort domain, ushort handle, string mac) => FakeVifs.Vif(domain, handle, mac).Identity;

    private static PortClaims Of(SwitchPort[] ports, params VifIdentity[] vifs) =>
        PortClaims.Of(new(PortName.Parse("br0"), null, "secure", "", ports.ToValueList()), new(vifs.ToValueList(), AreAll: false));

    private static SwitchPort Port(string name, uint? number, string? id = null, string? uuid = null, string? mac = null) =>
        new(PortName.Parse(name), number, "", id, uuid, mac, true);

    private static IEnumerable<string> Bound(PortClaims claims) => claims.Binding.Numbers.Select(n => $"{n.Key}={n.Value}").Order(StringComparer.Ordinal);
}
