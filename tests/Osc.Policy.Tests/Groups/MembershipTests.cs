using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy.Decisions;
using Osc.Policy.Groups;
using Xunit;
using static Osc.Policy.Tests.Given;

namespace Osc.Policy.Tests.Groups;

/// <summary>
/// "A group's members are addresses in a vrf: a selector or workload clause gives all interfaces of its workloads, a network
/// clause the interfaces in that network, a cidr clause the range, which counts in every vrf of the tenant unless the clause
/// also names a network (then in that network's vrf)."
/// </summary>
public sealed class MembershipTests
{
    /// <summary>The inventory, a workload with two interfaces, one without a place, and one on a third network in a vrf of its own.</summary>
    private static readonly Document[] More =
    [
        Workload("router", "app=router env=prod", Nic(11, "h1", "front", "10.1.0.11 fd00:1::b"), Nic(12, "h2", "back", "10.2.0.11")),
        Workload("spare", "app=web", Nic(13, null, "front", "10.1.0.13")),
        Network("lab", Vlan(103), "10.1.0.0/24", "shop/lab"),
        Workload("lab-1", "app=web env=test", Nic(14, "h1", "lab", "10.1.0.1")),
    ];

    private const string Web1 = "10.1.0.1 fd00:1::1";
    private const string Web2 = "10.1.0.2 fd00:1::2";
    private const string Spare = "10.1.0.13";
    private const string Db1 = "10.2.0.1 fd00:2::1";
    private const string Router = "10.1.0.11 fd00:1::b 10.2.0.11";

    [Fact]
    public void Selector_gives_all_interfaces_of_the_workloads_whose_labels_match()
    {
        Check(Group("g", Selected("app = web")), $"{Web1} {Web2} {Spare} shop/lab:10.1.0.1");
        Check(Group("g", Selected("app = router")), Router);
        Check(Group("g", Selected("app in (web, db), env = prod")), $"{Web1} {Db1}");
        Check(Group("g", Selected("app = web, !env")), Spare);
        Check(Group("g", Selected("env notin (prod, stage)")), $"{Spare} shop/lab:10.1.0.1");
        Check(Group("g", Selected("app = nothing")), "");
    }

    [Fact]
    public void Workload_gives_all_its_interfaces()
    {
        Check(Group("g", OfWorkload("web-1")), Web1);
        Check(Group("g", OfWorkload("router")), Router);
        Check(Group("g", OfWorkload("spare")), Spare);
        Check(Group("g", OfWorkload("lab-1")), "shop/lab:10.1.0.1");
    }

    [Fact]
    public void Network_gives_the_interfaces_in_it_and_not_the_others_of_their_workloads()
    {
        Check(Group("g", InNetwork("back")), $"{Db1} 10.2.0.11");
        Check(Group("g", InNetwork("front")), $"{Web1} {Web2} {Spare} 10.1.0.11 fd00:1::b");
        Check(Group("g", InNetwork("lab")), "shop/lab:10.1.0.1");
    }

    /// <summary>Like ranges of one address, in every vrf of the tenant.</summary>
    [Fact]
    public void Fqdn_gives_the_addresses_of_its_document_in_every_vrf_of_the_tenant()
    {
        var resolved = DnsName("api.example.com", "10.1.0.2 198.51.100.7 2001:db8::7");
        const string Everywhere = "10.1.0.2 198.51.100.7 2001:db8::7 shop/lab:10.1.0.2 shop/lab:198.51.100.7 shop/lab:2001:db8::7";
        Check(Group("g", Fqdn("api.example.com")), Everywhere, "198.51.100.8 bank/default:198.51.100.7", resolved);
        Check(Group("g", InNetwork("back"), OfWorkload("web-2")).Except(Fqdn("api.example.com")), $"{Db1} 10.2.0.11 fd00:1::2", others: resolved);
        Check(Group("g", Fqdn("other.example.com")), "", Everywhere, resolved);
        Check(Group("g", Fqdn("*.example.com")), "", Everywhere, resolved);
        Check(Group("g", Fqdn("*.example.com")), Everywhere, "", DnsName("*.example.com", "10.1.0.2 198.51.100.7 2001:db8::7"));
    }

    /// <summary>The subnet of a network is no member, only the interfaces are.</summary>
    [Fact]
    public void Network_does_not_give_addresses_of_its_subnet_that_nobody_has() => Check(Group("g", InNetwork("back")), $"{Db1} 10.2.0.11", "10.2.0.0 10.2.0.99");

    [Fact]
    public void Range_counts_in_every_vrf_of_the_tenant() =>
        Check(Group("g", Cidr("10.1.0.0/30")), "10.1.0.1 10.1.0.2 10.1.0.3 shop/lab:10.1.0.0 10.1.0.0 shop/lab:10.1.0.1 shop/lab:10.1.0.2 shop/lab:10.1.0.3", "10.1.0.4 shop/lab:10.1.0.4 bank/default:10.1.0.1");

    [Fact]
    public void Range_beside_a_network_counts_in_that_networks_vrf_alone()
    {
        Check(Group("g", Cidr("10.1.0.0/30", "lab")), "shop/lab:10.1.0.1 shop/lab:10.1.0.2", "10.1.0.3 shop/lab:10.1.0.4");
        Check(Group("g", Cidr("10.1.0.0/30", "front")), "10.1.0.1 10.1.0.2 10.1.0.3", "10.1.0.4 shop/lab:10.1.0.2");
    }

    /// <summary>The network names a vrf, it does not narrow the range to its subnets.</summary>
    [Fact]
    public void Range_beside_a_network_may_lie_outside_its_subnets() => Check(Group("g", Cidr("198.51.100.0/24", "front")), "198.51.100.7", "198.51.101.7 shop/lab:198.51.100.7");

    [Fact]
    public void Group_gives_the_members_of_the_other_group_however_deep()
    {
        var a = Group("a", OfWorkload("web-1"));
        var b = Group("b", OfGroup("a"), OfWorkload("db-1"));
        Check(Group("g", OfGroup("b")), $"{Web1} {Db1}", "", a, b);
    }

    /// <summary>"union of the clauses"</summary>
    [Fact]
    public void Members_are_the_union_of_the_clauses() =>
        Check(Group("g", OfWorkload("web-1"), Selected("app = db"), Cidr("198.51.100.0/24", "front")), $"{Web1} {Db1} 198.51.100.7", "shop/lab:198.51.100.7");

    /// <summary>"except: same clauses, taken away"</summary>
    [Fact]
    public void Except_takes_away_by_the_same_clauses()
    {
        Check(Group("g", Selected("app = web")).Except(OfWorkload("web-1")), $"{Web2} {Spare} shop/lab:10.1.0.1");
        Check(Group("g", Selected("app = web")).Except(InNetwork("front")), "shop/lab:10.1.0.1");
        Check(Group("g", Selected("app = web")).Except(Cidr("10.1.0.2/32")), $"{Web1} fd00:1::2 {Spare} shop/lab:10.1.0.1");
        Check(Group("g", Cidr("10.1.0.0/29", "front")).Except(Selected("app = web")), "10.1.0.3", "10.1.0.8 shop/lab:10.1.0.3");
        Check(Group("g", Selected("app = web")).Except(OfGroup("a")), $"{Web1} {Spare} shop/lab:10.1.0.1", "", Group("a", OfWorkload("web-2")));
        Check(Group("g", Selected("app = web")).Except(Selected("app = web")), "");
    }

    /// <summary>Exceptions of a nested group are taken away there and not from the group around it.</summary>
    [Fact]
    public void Except_of_a_nested_group_is_its_own()
    {
        var inner = Group("inner", Selected("app = web")).Except(OfWorkload("web-1"));
        Check(Group("g", OfGroup("inner"), OfWorkload("web-1")), $"{Web1} {Web2} {Spare} shop/lab:10.1.0.1", "", inner);
        Check(Group("g", Selected("app = web")).Except(OfGroup("inner")), Web1, "", inner);
    }

    [Fact]
    public void Except_within_a_range_leaves_the_rest_of_it()
    {
        var cdn = Group("g", Cidr("192.0.2.0/24", "front")).Except(Cidr("192.0.2.128/25"));
        Check(cdn, "192.0.2.0 192.0.2.127", "192.0.1.255 192.0.2.128 192.0.2.255 192.0.3.0");
    }

    /// <summary>A selector of a tenant's group selects over its own workloads only.</summary>
    [Fact]
    public void Selector_of_a_tenant_does_not_select_anothers_workloads() =>
        Check(Group("bank/g", Selected("app = web")), "bank/default:10.1.0.1 bank/default:fd00:1::1 10.3.0.1 fd00:3::1");

    /// <summary>"its groups select over all tenants' workloads (the label osc/tenant names a workload's tenant, osc/cloud its cloud, osc/network its networks)"</summary>
    [Fact]
    public void Selector_of_system_selects_over_all_tenants()
    {
        Check(Group("system/g", Selected("app = db")), $"{Db1} bank/default:10.1.0.9 bank/default:fd00:1::9");
        Check(Group("system/g", Selected("app = web, osc/tenant = bank")), "bank/default:10.1.0.1 bank/default:fd00:1::1 10.3.0.1 fd00:3::1");
        Check(Group("system/g", Selected("osc/tenant notin (shop)")), "bank/default:10.1.0.1 bank/default:fd00:1::1 10.3.0.1 fd00:3::1 bank/default:10.1.0.9 bank/default:fd00:1::9");
    }

    [Fact]
    public void Label_osc_network_names_all_networks_of_a_workload()
    {
        Check(Group("g", Selected("osc/network = back")), $"{Db1} {Router}");
        Check(Group("g", Selected("osc/network = back, osc/network = front")), Router);
        Check(Group("g", Selected("osc/network in (back, lab)")), $"{Db1} {Router} shop/lab:10.1.0.1");
        Check(Group("g", Selected("osc/network != front")), $"{Db1} shop/lab:10.1.0.1");
        Check(Group("g", Selected("osc/network notin (front, back)")), "shop/lab:10.1.0.1");
        Check(Group("g", Selected("osc/network, app = db")), Db1);
        Check(Group("g", Selected("!osc/network")), "");
    }

    [Fact]
    public void Label_osc_cloud_names_the_workloads_cloud_and_is_absent_without_one()
    {
        var cloud = new CloudDocument(new(Name.Parse("paris"), Tenants.System), Name.Parse("static"));
        var placed = Workload("cloudy", "app=x", Nic(31, "h1", "front", "10.1.0.31")) with { Cloud = Name.Parse("paris") };
        Check(Group("g", Selected("osc/cloud = paris")), "10.1.0.31", "", cloud, placed);
        Check(Group("g", Selected("osc/cloud")), "10.1.0.31", "", cloud, placed);
        Check(Group("g", Selected("!osc/cloud, app = db")), Db1, "", cloud, placed);
    }

    /// <summary>
    /// Asks for every address that somebody has, that is expected or stands in <paramref name="strangers"/>, both of the specification's
    /// clause-by-clause way and of the compiler's sets.
    /// </summary>
    private static void Check(SecurityGroupDocument group, string members, string strangers = "", params Document[] others)
    {
        var state = World.Of([.. More, .. others, group]).State;
        var asked = state.Interfaces.SelectMany(i => i.Interface.Addresses.Select(a => (i.Vrf, Address: a))).Concat(Places(members)).Concat(Places(strangers)).Distinct();
        var expected = Places(members).ToHashSet();
        var (spaces, sets) = GroupSets.Resolve(state, state.Vrfs, [new(group.Metadata.Tenant, new GroupPeer(group.QualifiedName))]);
        var atoms = sets.Of(new(group.Metadata.Tenant, new GroupPeer(group.QualifiedName))).ToHashSet();
        foreach (var (vrf, address) in asked)
        {
            Assert.True(expected.Contains((vrf, address)) == Membership.OfGroup(state, group.QualifiedName, vrf, address), $"{vrf} {address}");
            Assert.True(expected.Contains((vrf, address)) == HasAtomOf(spaces, atoms, vrf, address), $"sets: {vrf} {address}");
        }
    }

    /// <summary>The atom of an address is the longest prefix of its vrf's space that has it.</summary>
    private static bool HasAtomOf(IReadOnlyList<AddressSpace> spaces, HashSet<Atom> atoms, QualifiedName vrf, IpAddress address)
    {
        var space = spaces.Index().Single(s => s.Item.Vrf == vrf);
        var around = Enumerable.Range(0, space.Item.Count).Where(a => space.Item.PrefixOf(a).Contains(address)).ToArray();
        return around.Length > 0 && atoms.Contains(new(space.Index, around.MaxBy(a => space.Item.PrefixOf(a).BitLength)));
    }

    /// <summary>"[vrf:]address" each; without a vrf in shop's.</summary>
    private static IEnumerable<(QualifiedName Vrf, IpAddress Address)> Places(string text) =>
        from word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries)
        let colon = word.Contains('/') ? word.IndexOf(':') : -1
        select (colon < 0 ? ShopVrf : Named(word[..colon]), IpAddress.Parse(word[(colon + 1)..]));
}
