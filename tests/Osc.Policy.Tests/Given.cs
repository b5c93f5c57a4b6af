using Osc.Model;
using Osc.Model.Documents;

namespace Osc.Policy.Tests;

/// <summary>
/// Documents in a line each, so that a test reads like the policy file that it is about. A name without a tenant is shop's.
/// Where a text lists several things, they stand with blanks between.
/// </summary>
internal static class Given
{
    public static readonly Name Shop = Name.Parse("shop");

    public static readonly QualifiedName ShopVrf = Named("default");

    public static QualifiedName Named(string name) =>
        QualifiedName.TryParse(name, Shop, out var qualified) ? qualified : throw new FormatException($"'{name}' is no name");

    public static TenantDocument Tenant(string name, DefaultAction defaultAction) => new(new(Name.Parse(name), Tenants.System), defaultAction, Quotas.None);

    public static HostDocument Host(string name, params string[] bridges) =>
        new(new(Name.Parse(name), Tenants.System), null, [.. bridges.DefaultIfEmpty("br-int trunk").Select(b => b.Split(' ')).Select(b => new Bridge(Port(b[0]), [.. b[1..].Select(Port)]))]);

    public static NetworkDocument Network(string name, Segment segment, string subnets, string? vrf = null, bool multicast = false)
    {
        var qualified = Named(name);
        return new(Meta(qualified), null, vrf is null ? new(qualified.Tenant, Name.Parse("default")) : Named(vrf), segment, [.. subnets.Split(' ').Select(Prefix.Parse)], multicast);
    }

    public static Segment Vlan(int id) => new(SegmentType.Vlan, id);

    public static Segment Vni(int id) => new(SegmentType.Vni, id);

    /// <param name="labels">"app=web env=prod".</param>
    public static WorkloadDocument Workload(string name, string labels, params Interface[] interfaces) =>
        new(new(Named(name).Name, Named(name).Tenant, Labels.Of(labels.Split(' ').Select(l => l.Split('=')).Select(l => KeyValuePair.Create(l[0], l[1])))), null, [.. interfaces]);

    /// <summary>The interface on port vifN.0 with the MAC 02:00:00:00:00:N.</summary>
    /// <param name="host">null: attached nowhere; or "host", or "host/bridge".</param>
    public static Interface Nic(int number, string? host, string network, string addresses)
    {
        var place = host?.Split('/');
        return new(
            Name.Parse($"eth{number}"),
            MacOf(number),
            [.. addresses.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(IpAddress.Parse)],
            Named(network),
            place is null ? null : new(Name.Parse(place[0]), place.Length > 1 ? Port(place[1]) : null, PortOf(number)));
    }

    public static MacAddress MacOf(int number) => MacAddress.FromBits(0x0200_0000_0000UL + (ulong)number);

    public static PortName PortOf(int number) => Port($"vif{number}.0");

    public static PortName Port(string name) => PortName.Parse(name);

    public static SecurityGroupDocument Group(string name, params Clause[] members) => new(Meta(Named(name)), [.. members], ValueList<Clause>.Empty, false);

    public static SecurityGroupDocument Except(this SecurityGroupDocument group, params Clause[] except) => group with { Except = [.. except] };

    public static SecurityGroupDocument Shared(this SecurityGroupDocument group) => group with { Shared = true };

    public static Clause Selected(string selector) => new SelectorClause(Selector.Parse(selector));

    public static Clause OfWorkload(string name) => new WorkloadClause(Named(name));

    public static Clause InNetwork(string name) => new NetworkClause(Named(name));

    public static Clause OfGroup(string name) => new GroupClause(Named(name));

    public static Clause Cidr(string range, string? network = null) => new CidrClause(Prefix.Parse(range), network is null ? null : Named(network));

    public static Clause Fqdn(string name) => new FqdnClause(name);

    public static DnsNameDocument DnsName(string fqdn, string addresses) =>
        new(fqdn, [.. addresses.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(IpAddress.Parse)]);

    public static ServiceDocument Service(string name, string ports, bool shared = false) => new(Meta(Named(name)), [.. ports.Split(' ').Select(ServicePort.Parse)], shared);

    public static PolicyDocument PolicyOf(string name, params Rule[] rules) =>
        new(Meta(Named(name)), PolicyDocument.DefaultTier, PolicyDocument.DefaultOrder, ValueList<Peer>.Empty, [.. rules]);

    public static PolicyDocument In(this PolicyDocument policy, Tier tier, int order = PolicyDocument.DefaultOrder) => policy with { Tier = tier, Order = order };

    public static PolicyDocument AppliedTo(this PolicyDocument policy, string peers) => policy with { AppliedTo = Peers(peers) };

    public static Rule Allow(string name, string from = "", string to = "", string services = "") => RuleOf(name, RuleAction.Allow, from, to, services);

    public static Rule Drop(string name, string from = "", string to = "", string services = "") => RuleOf(name, RuleAction.Drop, from, to, services);

    public static Rule Reject(string name, string from = "", string to = "", string services = "") => RuleOf(name, RuleAction.Reject, from, to, services);

    public static Rule Pass(string name, string from = "", string to = "", string services = "") => RuleOf(name, RuleAction.Pass, from, to, services);

    /// <param name="from">Groups and ranges; empty is any.</param>
    /// <param name="to">The same.</param>
    /// <param name="services">Port specifications and names of services; empty is any.</param>
    public static Rule RuleOf(string name, RuleAction action, string from = "", string to = "", string services = "") =>
        new(Name.Parse(name), Peers(from), Peers(to), [.. Words(services).Select(Reference)], action);

    public static Rule For(this Rule rule, Direction direction) => rule with { Direction = direction };

    public static Rule As(this Rule rule, RuleMode mode) => rule with { Mode = mode };

    private static Metadata Meta(QualifiedName name) => new(name.Name, name.Tenant);

    private static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static ValueList<Peer> Peers(string text) =>
        [.. Words(text).Select(word => Prefix.TryParse(word, out var range) ? (Peer)new CidrPeer(range) : new GroupPeer(Named(word)))];

    private static ServiceReference Reference(string word) => ServicePort.TryParse(word, out var port) ? new InlineService(port) : new NamedService(Named(word));
}
