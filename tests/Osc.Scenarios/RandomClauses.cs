using Osc.Model;
using Osc.Model.Documents;

namespace Osc.Scenarios;

/// <summary>What a tenant's random clauses, rules and services can name.</summary>
internal interface INameable
{
    IReadOnlyList<WorkloadDocument> WorkloadsOf(Name tenant);

    IReadOnlyList<NetworkDocument> NetworksOf(Name tenant);

    /// <summary>The tenant's own groups and those that others share.</summary>
    IReadOnlyList<SecurityGroupDocument> GroupsFor(Name tenant);

    /// <summary>The tenant's own services and those that others share.</summary>
    IReadOnlyList<ServiceDocument> ServicesFor(Name tenant);

    /// <summary>The tenant's own chains; all, for the system tenant.</summary>
    IReadOnlyList<InspectionChainDocument> ChainsFor(Name tenant);

    static bool MayName(Name from, Name owner, bool shared) => from == owner || from == Tenants.System || shared;
}

/// <summary>Random clauses, peers, rules and the documents that hold them, from a vocabulary whose words overlap.</summary>
internal sealed class RandomClauses(Random random, INameable nameable)
{
    /// <summary>Ports that connections go to: the edges of what rules name.</summary>
    public static readonly ushort[] Ports = [0, 22, 53, 79, 80, 81, 443, 5432, 6431, 6432, 6440, 6441, 65535];

    private static readonly string[] Services =
    [
        "any", "tcp", "udp", "sctp", "tcp/22", "tcp/80", "tcp/80-443", "tcp/5432", "tcp/6432-6440", "tcp/0-1023", "udp/53", "udp/0-65535", "sctp/80",
        "icmp", "icmp/8", "icmp/8/0", "icmp/13", "icmpv6", "icmpv6/128", "proto/47", "proto/6",
    ];

    private static readonly string[] Ranges =
    [
        "0.0.0.0/0", "::/0", "10.0.0.0/8", "10.1.0.0/24", "10.1.0.0/28", "10.1.0.16/28", "10.2.0.0/24", "10.1.0.5/32", "203.0.113.0/24", "203.0.113.128/25",
        "fd00::/16", "fd00:1::/64", "fd00:1::/124", "2001:db8::/32", "2001:db8:1::/48", "::/1",
    ];

    private static readonly string[] Selectors =
        ["app = web", "app in (web, app)", "app != db", "env", "!env", "env notin (prod)", "!legacy", "app = db, !legacy", "osc/network = n1", "osc/cloud = lab", "legacy = true"];

    public SecurityGroupDocument MakeGroup(QualifiedName name) => new(
        new(name.Name, name.Tenant),
        [.. Several(1, 3).Select(_ => MakeClause(name.Tenant))],
        [.. Several(0, 2).Where(_ => random.OneIn(2)).Select(_ => MakeClause(name.Tenant))],
        random.OneIn(2));

    public ServiceDocument MakeService(QualifiedName name) =>
        new(new(name.Name, name.Tenant), [.. Several(1, 3).Select(_ => ServicePort.Parse(random.Pick(Services)))], random.OneIn(2));

    public Clause MakeClause(Name tenant)
    {
        var workloads = nameable.WorkloadsOf(tenant);
        var networks = nameable.NetworksOf(tenant);
        var nested = nameable.GroupsFor(tenant);
        return random.Next(8) switch
        {
            0 => new WorkloadClause(random.Pick(workloads).QualifiedName),
            1 => new NetworkClause(random.Pick(networks).QualifiedName),
            2 when nested.Count > 0 => new GroupClause(random.Pick(nested).QualifiedName),
            3 or 4 => new CidrClause(Prefix.Parse(random.Pick(Ranges)), random.OneIn(4) ? random.Pick(networks).QualifiedName : null),
            5 when tenant == Tenants.System => new SelectorClause(Selector.Parse("osc/tenant = t1")),
            _ => new SelectorClause(Selector.Parse(random.Pick(Selectors))),
        };
    }

    public PolicyDocument MakePolicy(QualifiedName name)
    {
        var rules = Enumerable.Range(1, 1 + random.Next(6)).Select(i => MakeRule(name.Tenant, RandomExtensions.Numbered("r", i))).ToValueList();
        return new(
            new(name.Name, name.Tenant),
            random.Pick(Enum.GetValues<Tier>()),
            random.Pick([100, 100, 50, 200]),
            random.OneIn(3) ? MakePeers(name.Tenant) : ValueList<Peer>.Empty,
            rules);
    }

    public Rule MakeRule(Name tenant, Name name)
    {
        var rule = MakePlainRule(tenant, name);
        return rule.Action == RuleAction.Allow && random.OneIn(3) && nameable.ChainsFor(tenant) is { Count: > 0 } chains
            ? rule with { Action = RuleAction.Inspect, Chain = random.Pick(chains).QualifiedName }
            : rule;
    }

    private Rule MakePlainRule(Name tenant, Name name) => new(
        name,
        MakePeers(tenant),
        MakePeers(tenant),
        random.OneIn(4) ? ValueList<ServiceReference>.Empty : Several(1, 3).Select(_ => MakeService(tenant)).ToValueList(),
        random.Next(10) switch { < 5 => RuleAction.Allow, < 7 => RuleAction.Drop, 7 => RuleAction.Reject, _ => RuleAction.Pass },
        Direction: random.Next(4) switch { 0 => Direction.In, 1 => Direction.Out, _ => Direction.Both },
        Mode: random.Next(10) switch { 0 => RuleMode.Observe, 1 => RuleMode.Disabled, _ => RuleMode.Enforce });

    public ValueList<Peer> MakePeers(Name tenant)
    {
        if (random.OneIn(4))
        {
            return ValueList<Peer>.Empty;
        }

        var visible = nameable.GroupsFor(tenant);
        return Several(1, 3).Select(_ => random.OneIn(4) || visible.Count == 0
            ? (Peer)new CidrPeer(Prefix.Parse(random.Pick(Ranges)))
            : new GroupPeer(random.Pick(visible).QualifiedName)).Distinct().ToValueList();
    }

    private ServiceReference MakeService(Name tenant)
    {
        var visible = nameable.ServicesFor(tenant);
        return visible.Count > 0 && random.OneIn(3) ? new NamedService(random.Pick(visible).QualifiedName) : new InlineService(ServicePort.Parse(random.Pick(Services)));
    }

    private IEnumerable<int> Several(int least, int most) => Enumerable.Range(0, random.Next(least, most + 1));
}
