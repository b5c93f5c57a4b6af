using System.Globalization;
using Osc.Model;
using Osc.Model.Documents;

namespace Osc.Policy.Tests.Validation;

/// <summary>
/// Random documents of every kind out of few names, addresses, ports and tags, so that they often name and often hinder each other.
/// Each is sound by itself; most fit into the set that they are made for, many do not.
/// </summary>
internal sealed class RandomDocuments(Random random)
{
    private static readonly Name[] Owners = [Name.Parse("a"), Name.Parse("b"), Tenants.System];
    private static readonly Name Elsewhere = Name.Parse("b");
    private static readonly string[] DnsPatterns = ["www.example.com", "*.example.com", "*.example.org"];
    private static readonly string[] WildSubnets = ["10.0.0.0/8", "10.1.0.0/16", "10.1.0.0/24", "10.1.0.128/25", "0.0.0.0/0", "::/0", "fd00::/16", "fd00:1::/64", "fd00:1::/96"];

    /// <summary>One to four changes of a set.</summary>
    public DocumentChanges Next(DocumentSet documents)
    {
        var (put, delete) = (new List<Document>(), new List<DocumentKey>());
        for (var i = random.Next(3) == 0 ? 1 + random.Next(3) : 0; i >= 0; i--)
        {
            if (documents.Count > 0 && random.Next(6) == 0)
            {
                delete.Add(Pick(documents.ToArray()).Key);
            }
            else
            {
                put.Add(Make(documents.With(put)));
            }
        }

        return DocumentChanges.Of(documents, put, delete);
    }

    private Document Make(DocumentSet documents)
    {
        var owner = Pick(Owners);
        return random.Next(21) switch
        {
            0 => MakeTenant(),
            1 => new CloudDocument(Global("c", 2), CloudDocument.Static),
            2 or 3 => MakeNetwork(owner, documents),
            4 or 5 => MakeHost(documents),
            < 12 => MakeWorkload(owner, documents),
            < 15 => new SecurityGroupDocument(new(Numbered("g", 5), owner), Clauses(owner, documents), Sometimes(4) ? Clauses(owner, documents) : [], Sometimes(2)),
            15 => new ServiceDocument(new(Numbered("s", 3), owner), [ServicePort.Any], Sometimes(2)),
            16 or 17 => MakePolicy(owner, documents),
            18 => MakeChain(owner, documents),
            19 => new DnsNameDocument(Pick(DnsPatterns), Sometimes(2) ? [] : [IpAddress.Parse("192.0.2.1")]),
            _ => new AssertionDocument(new(Numbered("as", 2), owner), (AssertionMode)random.Next(2), Peers(owner, documents), Peers(owner, documents), Services(owner, documents)),
        };
    }

    private TenantDocument MakeTenant()
    {
        var quotas = Sometimes(3) ? new Quotas(random.Next(6), random.Next(4), random.Next(4), random.Next(6), random.Next(8), random.Next(4)) : Quotas.None;
        return new(new(Pick([.. Owners, Name.Parse("c")]), Sometimes(12) ? Elsewhere : Tenants.Default), (DefaultAction)random.Next(2), quotas);
    }

    private NetworkDocument MakeNetwork(Name owner, DocumentSet documents)
    {
        var number = 1 + random.Next(3);
        var name = new QualifiedName(owner, Name.Parse($"n{number}"));
        var vrf = Sometimes(4) ? new QualifiedName(Owners[0], Name.Parse("shared")) : new(owner, NetworkDocument.DefaultVrf);
        var own = Prefix.Parse($"10.{number + (3 * Array.IndexOf(Owners, owner))}.0.0/24");
        ValueList<Prefix> subnets = random.Next(5) switch { 0 => [], 1 => [Prefix.Parse(Pick(WildSubnets))], 2 => [own, Prefix.Parse("fd00:1::/64")], _ => [own] };
        var segment = Sometimes(8) ? Segment.Untagged : new Segment((SegmentType)(1 + random.Next(2)), 1 + random.Next(8));
        return new(new(name.Name, owner), CloudIn(documents), vrf, segment, subnets, Sometimes(2));
    }

    private HostDocument MakeHost(DocumentSet documents)
    {
        Bridge first = new(PortName.Parse("br0"), [PortName.Parse("trunk")], Sometimes(3) ? [MakeTunnel(1, documents), .. Sometimes(2) ? [MakeTunnel(2, documents)] : Array.Empty<Tunnel>()] : []), second = new(PortName.Parse("br1"), Sometimes(4) ? [PortName.Parse("vif1")] : []);
        return new(Global("h", 3), CloudIn(documents), random.Next(4) switch { 0 => [first, second], 1 => [second, first], _ => [first] });
    }

    private Tunnel MakeTunnel(int number, DocumentSet documents) =>
        new(GlobalReference(Kind.Host, "h", documents), Sometimes(2) ? PortName.Parse(Sometimes(3) ? "br0" : "br1") : null, PortName.Parse(Sometimes(8) ? "vif1" : $"tun{number}"));

    private WorkloadDocument MakeWorkload(Name owner, DocumentSet documents)
    {
        var cards = Enumerable.Range(0, 1 + random.Next(2)).Select(i => MakeInterface(i, owner, documents)).ToValueList();
        return new(new(Numbered("w", 8), owner), CloudIn(documents), cards);
    }

    private Interface MakeInterface(int number, Name owner, DocumentSet documents)
    {
        var network = Reference(Kind.Network, "n", owner, documents);
        var subnets = documents.Find<NetworkDocument>(Kind.Network, network)?.Subnets ?? [];
        var addresses = subnets.Select(s => IpAddress.FromBits(s.Network.Bits + (UInt128)random.Next(Sometimes(20) ? 300 : 40))).ToValueList();
        var host = GlobalReference(Kind.Host, "h", documents);
        var attachment = Sometimes(5) ? null : new Attachment(host, Sometimes(3) ? PortName.Parse($"br{random.Next(3)}") : null, PortName.Parse($"vif{random.Next(40)}"));
        return new(Name.Parse($"eth{number}"), MacAddress.FromBits((ulong)random.Next(60)), addresses, network, attachment);
    }

    private PolicyDocument MakePolicy(Name owner, DocumentSet documents)
    {
        var rules = Enumerable.Range(0, random.Next(4)).Select(i => MakeRule(i, owner, documents)).ToValueList();
        return new(new(Numbered("p", 4), owner), (Tier)random.Next(5), random.Next(3), Peers(owner, documents), rules);
    }

    private Rule MakeRule(int number, Name owner, DocumentSet documents)
    {
        var chain = Sometimes(5) ? Reference(Kind.InspectionChain, "ch", owner, documents) : (QualifiedName?)null;
        var action = chain is null ? RuleAction.Allow : RuleAction.Inspect;
        return new(Name.Parse($"r{number}"), Peers(owner, documents), Peers(owner, documents), Services(owner, documents), action, chain, Mode: (RuleMode)random.Next(3));
    }

    private InspectionChainDocument MakeChain(Name owner, DocumentSet documents)
    {
        var bridge = Sometimes(3) ? PortName.Parse($"br{random.Next(3)}") : (PortName?)null;
        return new(new(Numbered("ch", 2), owner), [new(Name.Parse("hop"), At($"vif{random.Next(60)}"), At(Sometimes(4) ? "trunk" : "ips"), OnFailure.Open)]);

        HopPort At(string port) => new(GlobalReference(Kind.Host, "h", documents), bridge, PortName.Parse(port));
    }

    private ValueList<Clause> Clauses(Name owner, DocumentSet documents) => Enumerable.Range(0, 1 + random.Next(3)).Select(_ => (Clause)(random.Next(8) switch
    {
        < 3 => new GroupClause(Reference(Kind.SecurityGroup, "g", owner, documents)),
        3 => new WorkloadClause(Reference(Kind.Workload, "w", owner, documents)),
        4 => new NetworkClause(Reference(Kind.Network, "n", owner, documents)),
        5 => new CidrClause(Prefix.AllIPv4, Sometimes(2) ? Reference(Kind.Network, "n", owner, documents) : null),
        6 => new FqdnClause(Pick(DnsPatterns)),
        _ => new SelectorClause(Selector.Parse("app = web")),
    })).ToValueList();

    private ValueList<Peer> Peers(Name owner, DocumentSet documents) => Enumerable.Range(0, random.Next(3))
        .Select(_ => Sometimes(4) ? (Peer)new CidrPeer(Prefix.AllIPv4) : new GroupPeer(Reference(Kind.SecurityGroup, "g", owner, documents))).ToValueList();

    private ValueList<ServiceReference> Services(Name owner, DocumentSet documents) => Enumerable.Range(0, random.Next(3))
        .Select(_ => Sometimes(3) ? (ServiceReference)new InlineService(ServicePort.Any) : new NamedService(Reference(Kind.Service, "s", owner, documents))).ToValueList();

    /// <summary>Mostly the name of a document that the owner may name; sometimes of another tenant's, or of none.</summary>
    private QualifiedName Reference(Kind kind, string prefix, Name owner, DocumentSet documents)
    {
        var known = documents.Where(d => d.Kind == kind && (d.Metadata.Tenant == owner || owner == Tenants.System || d is SecurityGroupDocument { Shared: true } or ServiceDocument { Shared: true })).ToArray();
        return known.Length == 0 || Sometimes(25) ? new(Pick(Owners), Numbered(prefix, 5)) : Pick(known).QualifiedName;
    }

    private Name GlobalReference(Kind kind, string prefix, DocumentSet documents)
    {
        var known = documents.Where(d => d.Kind == kind).ToArray();
        return known.Length == 0 || Sometimes(30) ? Numbered(prefix, 4) : Pick(known).Metadata.Name;
    }

    private Name? CloudIn(DocumentSet documents) => Sometimes(3) && documents.Any(d => d.Kind == Kind.Cloud) ? GlobalReference(Kind.Cloud, "c", documents) : null;

    private Metadata Global(string prefix, int count) => new(Numbered(prefix, count), Sometimes(12) ? Elsewhere : Tenants.Default);

    private Name Numbered(string prefix, int count) => Name.Parse(prefix + (1 + random.Next(count)).ToString(CultureInfo.InvariantCulture));

    private bool Sometimes(int times) => random.Next(times) == 0;

    private T Pick<T>(T[] items) => items[random.Next(items.Length)];
}
