using CsCheck;
using Osc.Model;
using Osc.Model.Documents;

namespace Osc.Policy.Tests.Documents;

/// <summary>Random documents of every kind that keep the rules of their kind. References lead nowhere: that is not a document's concern.</summary>
internal static class DocumentGen
{
    // Among them words that YAML readers take for something else.
    private static readonly Gen<Name> Names = Gen.OneOf(
        Gen.OneOf("true", "no", "null", "on", "y", "1", "007", "1e3", "0x1f", "12-30", "2001-01-01", "a", "web", "default").Select(Name.Parse),
        Gen.Char["abcxyz019"].Array[1, 20].Select(c => Name.Parse(new string(c))),
        Gen.Char["ab-9"].Array[0, 61].Select(c => Name.Parse("x" + new string(c) + "z")));

    private static readonly Gen<string> LabelValues = Gen.OneOf(
        Gen.OneOf("", "true", "1", "1.5", "~", "v1.2_3-4", "No", "0x10").Where(LabelSyntax.IsValue),
        Names.Select(n => n.Value));

    private static readonly Gen<string> LabelKeys = Gen.OneOf(Names.Select(n => n.Value), Names.Select(n => $"app.example.com/{n}"), Gen.OneOf("App", "a_b", "x.y"));

    private static readonly Gen<Labels> LabelSets = Gen.Select(LabelKeys, LabelValues).Array[0, 3].Select(pairs => pairs.Aggregate(Labels.Empty, (all, p) => all.With(p.Item1, p.Item2)));

    private static readonly Gen<PortName> Ports = Gen.OneOf(
        Gen.OneOf("vif1.0", "eth0", "br-int", "1", "tap@x", "a:b", "3b2c9a5e-0000-4000-8000-1234567890ab").Select(PortName.Parse),
        Gen.Char["abc019._:@/+#-"].Array[1, 15].Select(c => PortName.Parse(new string(c))));

    private static readonly Gen<IpAddress> Addresses = Gen.OneOf(Gen.UInt.Select(IpAddress.FromIPv4), WideBits().Select(IpAddress.FromBits).Where(a => !a.IsIPv4));

    private static readonly Gen<Prefix> Prefixes = Gen.Select(Addresses, Gen.Int[0, 128], (address, length) => Prefix.Of(address, Math.Min(length, address.IsIPv4 ? 32 : 128)))
        .Where(p => p.Family == IpFamily.IPv4 || !p.Contains(IpAddress.FromIPv4(0)) || p.Length < 96);

    private static readonly Gen<ServicePort> ServicePorts = Gen.OneOf(
        Gen.Const(ServicePort.Any),
        Gen.Byte.Select(ServicePort.OfProtocol),
        Gen.Select(Gen.OneOf(IpProtocol.Tcp, IpProtocol.Udp, IpProtocol.Sctp), Gen.UShort, Gen.UShort, (protocol, a, b) => ServicePort.OfPorts(protocol, new(Math.Min(a, b), Math.Max(a, b)))),
        Gen.Select(Gen.OneOf(IpProtocol.Icmp, IpProtocol.IcmpV6), Gen.Byte, Gen.Byte, Gen.Bool, (protocol, type, code, hasCode) => ServicePort.OfIcmp(protocol, type, hasCode ? code : null)));

    private static readonly Gen<Requirement> Requirements = Gen.Select(LabelKeys, Gen.Enum<SelectorOperator>(), Names.Array[1, 3], (key, op, values) => new Requirement(key, op, ValuesOf(op, values)));

    private static readonly Gen<QualifiedName> References = Gen.Select(Names, Names, (tenant, name) => new QualifiedName(tenant, name));

    private static readonly Gen<Metadata> Headers = Gen.Select(Names, Names, LabelSets, (name, tenant, labels) => new Metadata(name, tenant, labels));

    private static readonly Gen<Clause> Clauses = Gen.OneOf<Clause>(
        Requirements.Array[1, 3].Select(r => (Clause)new SelectorClause(new Selector(r.ToValueList()))),
        References.Select(r => (Clause)new WorkloadClause(r)),
        References.Select(r => (Clause)new NetworkClause(r)),
        References.Select(r => (Clause)new GroupClause(r)),
        Gen.Select(Prefixes, Optional(References), (p, n) => (Clause)new CidrClause(p, n)),
        Gen.Select(Names, Gen.Bool, (n, any) => (Clause)new FqdnClause($"{(any ? "*." : "")}{n}.example")));

    private static readonly Gen<Peer> Peers = Gen.OneOf<Peer>(References.Select(r => (Peer)new GroupPeer(r)), Prefixes.Select(p => (Peer)new CidrPeer(p)));

    // A service whose tenant is a protocol's word cannot be named: the names above hold none.
    private static readonly Gen<ServiceReference> Services = Gen.OneOf<ServiceReference>(
        References.Select(r => (ServiceReference)new NamedService(r)),
        ServicePorts.Select(p => (ServiceReference)new InlineService(p)));

    private static readonly Gen<HopPort> HopPorts = Gen.Select(Names, Gen.Bool, Ports, Ports, (host, isNamed, bridge, port) => new HopPort(host, isNamed ? bridge : null, port));

    private static readonly Gen<(Direction, RuleMode, bool, OnRevoke)> RuleOptions = Gen.Select(Gen.Enum<Direction>(), Gen.Enum<RuleMode>(), Gen.Bool, Gen.Enum<OnRevoke>());

    private static readonly Gen<Rule> Rules =
        from name in Names
        from endpoints in Gen.Select(List(Peers), List(Peers), List(Services))
        from action in Gen.Enum<RuleAction>()
        from chain in References
        from options in RuleOptions
        select new Rule(name, endpoints.Item1, endpoints.Item2, endpoints.Item3, action, action == RuleAction.Inspect ? chain : null, options.Item1, options.Item2, options.Item3, options.Item4);

    private static readonly Gen<Interface> Interfaces =
        from name in Names
        from mac in Gen.ULong[1, 0xffff_ffff_ffff].Select(bits => MacAddress.FromBits(bits & ~(1UL << 40) | 2))
        from addresses in Addresses.Array[0, 3]
        from network in References
        from attachment in Gen.Select(Gen.Bool, Names, Optional(Ports), Ports, (has, host, bridge, port) => has ? new Attachment(host, bridge, port) : null)
        select new Interface(name, mac, addresses.Distinct().ToValueList(), network, attachment);

    public static readonly Gen<Document> Documents = Gen.OneOf<Document>(
        Gen.Select(Headers, Gen.Enum<DefaultAction>(), Gen.Select(Counts(), Counts(), Counts()), Gen.Select(Counts(), Counts(), Counts()), (m, action, a, b) =>
            (Document)new TenantDocument(m, action, new(a.Item1, a.Item2, a.Item3, b.Item1, b.Item2, b.Item3)) { Approvals = a.Item1 is { } n && n > 0 ? (n % TenantDocument.MaxApprovals) + 1 : 0 }),
        Gen.Select(Headers, Gen.OneOf(Gen.Const(CloudDocument.Static), Names), (m, type) => (Document)new CloudDocument(m, type)),
        Gen.Select(Headers, Optional(Names), References, Segments(), Prefixes.Array[0, 2], Gen.Bool, (m, cloud, vrf, segment, subnets, multicast) =>
            (Document)new NetworkDocument(m, cloud, multicast ? vrf : new(m.Tenant, NetworkDocument.DefaultVrf), segment, subnets.ToValueList(), multicast)),
        Gen.Select(Headers, Optional(Names), Gen.Select(Ports, Ports.Array[0, 2], Gen.Select(Names, Optional(Ports), Ports).Array[0, 2]).Array[1, 3], (m, cloud, bridges) =>
            (Document)new HostDocument(m, cloud, bridges.Select(b => new Bridge(b.Item1, b.Item2.ToValueList(), b.Item3.Select(t => new Tunnel(t.Item1, t.Item2, t.Item3)).ToValueList())).ToValueList())),
        Gen.Select(Headers, Optional(Names), Interfaces.Array[1, 3], (m, cloud, cards) => (Document)new WorkloadDocument(m, cloud, cards.ToValueList())),
        Gen.Select(Headers, Names, Gen.Bool, Addresses.Array[0, 3], (m, name, any, addresses) => (Document)(new DnsNameDocument($"{(any ? "*." : "")}{name}.example", addresses.Distinct().ToValueList()) is var dns
            ? dns with { Metadata = dns.Metadata with { Labels = m.Labels } } : dns)),
        Gen.Select(Headers, List(Clauses), List(Clauses), Gen.Bool, (m, members, except, shared) => (Document)new SecurityGroupDocument(m, members, except, shared)),
        Gen.Select(Headers, ServicePorts.Array[1, 4], Gen.Bool, (m, ports, shared) => (Document)new ServiceDocument(m, ports.Distinct().ToValueList(), shared)),
        Gen.Select(Headers, Gen.Enum<Tier>(), Gen.Int[0, 65535], List(Peers), List(Rules), (m, tier, order, applied, rules) =>
            (Document)new PolicyDocument(m, tier, order, applied, rules.DistinctBy(r => r.Name).ToValueList())),
        Gen.Select(Headers, Gen.Select(Names, HopPorts, Ports, Gen.Enum<OnFailure>()).Array[1, 3], (m, hops) =>
            (Document)new InspectionChainDocument(m, hops.Select(h => new Hop(h.Item1, h.Item2, h.Item2 with { Port = h.Item3 }, h.Item4)).ToValueList())),
        Gen.Select(Headers, Gen.Enum<AssertionMode>(), List(Peers), List(Peers), List(Services), (m, mode, from, to, services) =>
            (Document)new AssertionDocument(m, mode, from, to, services)));

    /// <summary>Documents that keep the rules of their kind.</summary>
    public static readonly Gen<Document> Sound = Documents.Where(d => Osc.Policy.Validation.DocumentValidator.Validate(d).Count == 0);

    private static Gen<UInt128> WideBits() => Gen.Select(Gen.ULong, Gen.ULong, Gen.Int[0, 127], (high, low, shift) => new UInt128(high, low) >> shift << (shift / 2));


    private static Gen<Segment> Segments() => Gen.OneOf(
        Gen.Const(Segment.Untagged),
        Gen.Int[1, 4094].Select(id => new Segment(SegmentType.Vlan, id)),
        Gen.Int[1, 16_777_215].Select(id => new Segment(SegmentType.Vni, id)));

    private static Gen<int?> Counts() => Gen.Select(Gen.Bool, Gen.Int[0, 1_000_000], (has, count) => has ? count : (int?)null);

    private static Gen<T?> Optional<T>(Gen<T> values)
        where T : struct => Gen.Select(Gen.Bool, values, (has, value) => has ? value : (T?)null);

    private static Gen<ValueList<T>> List<T>(Gen<T> items) => items.Array[0, 3].Select(a => a.ToValueList());

    private static ValueList<string> ValuesOf(SelectorOperator op, Name[] values) => op switch
    {
        SelectorOperator.Equals or SelectorOperator.NotEquals => [values[0].Value],
        SelectorOperator.In or SelectorOperator.NotIn => values.Select(v => v.Value).Distinct().Order(StringComparer.Ordinal).ToValueList(),
        _ => [],
    };
}
