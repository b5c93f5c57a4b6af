using Osc.Model;
using Osc.Model.Documents;
using static Osc.Scenarios.Large.Make;

namespace Osc.Scenarios.Large;

/// <summary>
/// A rule set of a shape that makes flows explode where they multiply: workloads 1 to n of group g are on host h1, where flows are
/// counted, or on h2, elsewhere.
/// </summary>
public sealed record FlowShape(string Name, DocumentSet Documents)
{
    private const string Label = "group";

    private static readonly Name Tenant = Model.Name.Parse("shop");
    private static readonly RuleAction[] Actions = [RuleAction.Allow, RuleAction.Drop, RuleAction.Pass];

    /// <summary>The host whose flows are counted.</summary>
    public static Name Host { get; } = Model.Name.Parse("h1");

    public static IReadOnlyList<FlowShape> All { get; } =
    [
        new("one rule, any to any", new Plan(Tenant).Near(1, 1).Policy(RuleOf(0, [], [], [])).Documents),
        new("one rule, 100 groups of 1 to 100 of 1, 50 ports", new Plan(Tenant).Near(100, 1).Far(100, 1).Policy(RuleOf(0, Groups("far", 0, 100), Groups("near", 0, 100), Ports(50))).Documents),
        new("one rule, group of 1,000 to group of 100, 50 ports", new Plan(Tenant).Near(1, 100).Far(1, 1_000).Policy(RuleOf(0, Groups("far", 0, 1), Groups("near", 0, 1), Ports(50))).Documents),
        new("1,000 rules, the same pair of groups of 100, a port each", new Plan(Tenant).Near(1, 100).Far(1, 100)
            .Policy([.. Enumerable.Range(0, 1_000).Select(i => RuleOf(i, Groups("far", 0, 1), Groups("near", 0, 1), [Tcp(1_000 + i)]))]).Documents),
        new("40 rules, groups nested 8 deep, 10 more members at each level", Nested(8)),
        new("200 rules, overlapping literal ranges, allow and drop in turns", new Plan(Tenant).Near(1, 10)
            .Policy([.. Enumerable.Range(0, 200).Select(i => RuleOf(i, [Range(i)], Groups("near", 0, 1), [Tcp(443)], i % 2))]).Documents),
        new("50 rules, awkward port ranges", new Plan(Tenant).Near(1, 10).Far(50, 10)
            .Policy([.. Enumerable.Range(0, 50).Select(i => RuleOf(i, Groups("far", i, 1), Groups("near", 0, 1), [Service($"tcp/{1 + i}-{65_534 - (7 * i)}")]))]).Documents),
        new("200 rules in five tiers: allow, drop and pass in turns", Tiers()),
        new("50 rules, groups of 100 less 10 exceptions each", Exceptions()),
        new("50 rules, dual stack, 20 groups of 20", new Plan(Tenant, isDual: true).Near(5, 4).Far(20, 20)
            .Policy([.. Enumerable.Range(0, 50).Select(i => RuleOf(i, Groups("far", i % 20, 1), Groups("near", i % 5, 1), [Tcp(1_000 + i)]))]).Documents),
        new("50 tenants on the host, 10 rules each", Tenants50()),
    ];

    public override string ToString() => Name;

    private static Rule RuleOf(int number, ValueList<Peer> from, ValueList<Peer> to, ValueList<ServiceReference> services, int action = 0) =>
        new(Named("r", number), from, to, services, Actions[action], Direction: Direction.In);

    private static ValueList<Peer> Groups(string side, int first, int count) => Peers(Enumerable.Range(first, count).Select(i => new QualifiedName(Tenant, Named(side, i))));

    private static ValueList<ServiceReference> Ports(int count) => Enumerable.Range(0, count).Select(i => Tcp(1_000 + (2 * i))).ToValueList();

    /// <summary>Ranges from /8 to /27 in 172.0.0.0/8, each around or inside others.</summary>
    private static CidrPeer Range(int number) => new(Prefix.Of(IpAddress.FromIPv4((172u << 24) | ((uint)number * 2_654_435_761u >> 8)), 8 + (number % 20)));

    private static DocumentSet Nested(int depth)
    {
        var plan = new Plan(Tenant).Near(1, 10).Far(depth, 10);
        for (var level = 0; level < depth; level++)
        {
            Clause[] inner = level == 0 ? [] : [new GroupClause(new(Tenant, Named("level", level - 1)))];
            plan.Add(new SecurityGroupDocument(new(Named("level", level), Tenant), [.. inner, new GroupClause(new(Tenant, Named("far", level)))], [], false));
        }

        return plan.Policy([.. Enumerable.Range(0, 40).Select(i => RuleOf(i, Groups("level", i % depth, 1), Groups("near", 0, 1), [Tcp(1_000 + i)]))]).Documents;
    }

    private static DocumentSet Tiers()
    {
        var plan = new Plan(Tenant).Near(5, 4).Far(20, 10);
        foreach (var tier in Enum.GetValues<Tier>())
        {
            var first = 40 * (int)tier;
            plan.Policy(tier, [.. Enumerable.Range(first, 40).Select(i => RuleOf(i, Groups("far", i % 19, 2), Groups("near", i % 5, 1), [Tcp(1_000 + (i % 10))], i % 3))]);
        }

        return plan.Documents;
    }

    private static DocumentSet Exceptions()
    {
        var plan = new Plan(Tenant).Near(1, 10).Far(10, 10);
        for (var i = 0; i < 10; i++)
        {
            Clause[] all = [.. Enumerable.Range(0, 10).Select(g => new GroupClause(new(Tenant, Named("far", g))))];
            plan.Add(new SecurityGroupDocument(new(Named("but", i), Tenant), [.. all], [all[i]], false));
        }

        return plan.Policy([.. Enumerable.Range(0, 50).Select(i => RuleOf(i, Groups("but", i % 10, 1), Groups("near", 0, 1), [Tcp(1_000 + i)]))]).Documents;
    }

    /// <summary>Every tenant has the same addresses in a vrf of its own.</summary>
    private static DocumentSet Tenants50()
    {
        var plans = Enumerable.Range(0, 50).Select(t =>
        {
            var tenant = Named("t", t);
            var rules = Enumerable.Range(0, 10).Select(i => RuleOf(i, Peers(new QualifiedName(tenant, Named("far", i))), Peers(new QualifiedName(tenant, Named("near", 0))), [Tcp(1_000 + i)]));
            return new Plan(tenant, number: t).Near(1, 2).Far(10, 5).Policy([.. rules]).Documents;
        });
        return DocumentSet.Of(plans.SelectMany(d => d));
    }

    /// <summary>A tenant's network and two hosts; groups near0, near1, ... of workloads on the one and far0, far1, ... on the other; policies.</summary>
    private sealed class Plan
    {
        private const int InterfacesOfPlan = 10_000;

        private readonly Site site;
        private readonly Name tenant;
        private readonly bool isDual;
        private readonly QualifiedName network;
        private readonly Name elsewhere;
        private uint addresses;
        private int policies;

        public Plan(Name tenant, bool isDual = false, int number = 0)
        {
            (this.tenant, this.isDual) = (tenant, isDual);
            site = new((uint)number * InterfacesOfPlan);
            site.AddHost(Host.Value);
            elsewhere = site.AddHost("h2");
            network = site.AddNetwork(new(tenant, Model.Name.Parse("net")), number + 1, null, AllTen, Prefix.Parse("fd00::/64"));
        }

        public DocumentSet Documents => site.Documents;

        public void Add(Document document) => site.Add(document);

        public Plan Near(int groups, int members) => AddGroups("near", Host, groups, members);

        public Plan Far(int groups, int members) => AddGroups("far", elsewhere, groups, members);

        public Plan Policy(params Rule[] rules) => Policy(Tier.Application, rules);

        public Plan Policy(Tier tier, Rule[] rules)
        {
            site.Add(new PolicyDocument(new(Named("p", policies++), tenant), tier, PolicyDocument.DefaultOrder, [], rules.ToValueList()));
            return this;
        }

        private Plan AddGroups(string side, Name host, int groups, int members)
        {
            for (var group = 0; group < groups; group++)
            {
                var name = Named(side, group);
                site.Add(Group(new(tenant, name), Label, name.Value));
                for (var i = 0; i < members; i++)
                {
                    // One in two, so that no two are neighbours.
                    addresses += 2;
                    var four = Ten(addresses + 1);
                    ValueList<IpAddress> own = isDual ? [four, IpAddress.FromBits(((UInt128)0xfd00 << 112) + addresses + 1)] : [four];
                    site.AddWorkload(new(Model.Name.Parse($"{name}-{i}"), tenant, Labelled(Label, name.Value)), network, host, own);
                }
            }

            return this;
        }
    }
}
