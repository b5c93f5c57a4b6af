using Osc.Model;
using Osc.Model.Documents;

namespace Osc.Scenarios;

/// <summary>Random groups, services and policies over an inventory.</summary>
internal sealed class RandomIntent(Random random, DocumentSet inventory)
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

    private readonly Name[] tenants = [.. inventory.OfType<WorkloadDocument>().Select(w => w.Metadata.Tenant).Distinct()];
    private readonly List<SecurityGroupDocument> groups = [];
    private readonly List<ServiceDocument> services = [];

    public IReadOnlyList<Document> Make()
    {
        var all = random.OneIn(2) ? tenants.Append(Tenants.System).ToArray() : tenants;
        foreach (var tenant in all)
        {
            for (var i = 1; i <= 2 + random.Next(5); i++)
            {
                groups.Add(MakeGroup(tenant, i));
            }

            for (var i = 1; i <= random.Next(3); i++)
            {
                services.Add(new(new(RandomExtensions.Numbered("s", i), tenant), [.. Several(1, 3).Select(_ => ServicePort.Parse(random.Pick(Services)))], random.OneIn(2)));
            }
        }

        return [.. groups, .. services, .. all.SelectMany(tenant => Enumerable.Range(1, 1 + random.Next(5)).Select(i => MakePolicy(tenant, i)))];
    }

    private IEnumerable<int> Several(int least, int most) => Enumerable.Range(0, random.Next(least, most + 1));

    private SecurityGroupDocument MakeGroup(Name tenant, int number) => new(
        new(RandomExtensions.Numbered("g", number), tenant),
        [.. Several(1, 3).Select(_ => MakeClause(tenant))],
        [.. Several(0, 2).Where(_ => random.OneIn(2)).Select(_ => MakeClause(tenant))],
        random.OneIn(2));

    private Clause MakeClause(Name tenant)
    {
        var workloads = inventory.OfType<WorkloadDocument>().Where(w => tenant == Tenants.System || w.Metadata.Tenant == tenant).ToArray();
        var networks = inventory.OfType<NetworkDocument>().Where(n => tenant == Tenants.System || n.Metadata.Tenant == tenant).ToArray();
        var nested = groups.Where(g => MayName(tenant, g.Metadata.Tenant, g.Shared)).ToArray();
        return random.Next(8) switch
        {
            0 => new WorkloadClause(random.Pick(workloads).QualifiedName),
            1 => new NetworkClause(random.Pick(networks).QualifiedName),
            2 when nested.Length > 0 => new GroupClause(random.Pick(nested).QualifiedName),
            3 or 4 => new CidrClause(Prefix.Parse(random.Pick(Ranges)), random.OneIn(4) ? random.Pick(networks).QualifiedName : null),
            5 when tenant == Tenants.System => new SelectorClause(Selector.Parse("osc/tenant = t1")),
            _ => new SelectorClause(Selector.Parse(random.Pick(Selectors))),
        };
    }

    private static bool MayName(Name from, Name owner, bool shared) => from == owner || from == Tenants.System || shared;

    private PolicyDocument MakePolicy(Name tenant, int number)
    {
        var rules = Enumerable.Range(1, 1 + random.Next(6)).Select(i => new Rule(
            RandomExtensions.Numbered("r", i),
            Peers(tenant),
            Peers(tenant),
            random.OneIn(4) ? ValueList<ServiceReference>.Empty : Several(1, 3).Select(_ => Service(tenant)).ToValueList(),
            random.Next(10) switch { < 5 => RuleAction.Allow, < 7 => RuleAction.Drop, 7 => RuleAction.Reject, _ => RuleAction.Pass },
            Direction: random.Next(4) switch { 0 => Direction.In, 1 => Direction.Out, _ => Direction.Both },
            Mode: random.Next(10) switch { 0 => RuleMode.Observe, 1 => RuleMode.Disabled, _ => RuleMode.Enforce })).ToValueList();
        return new(
            new(RandomExtensions.Numbered("p", number), tenant),
            random.Pick(Enum.GetValues<Tier>()),
            random.Pick([100, 100, 50, 200]),
            random.OneIn(3) ? Peers(tenant) : ValueList<Peer>.Empty,
            rules);
    }

    private ValueList<Peer> Peers(Name tenant)
    {
        if (random.OneIn(4))
        {
            return ValueList<Peer>.Empty;
        }

        var visible = groups.Where(g => MayName(tenant, g.Metadata.Tenant, g.Shared)).ToArray();
        return Several(1, 3).Select(_ => random.OneIn(4) || visible.Length == 0
            ? (Peer)new CidrPeer(Prefix.Parse(random.Pick(Ranges)))
            : new GroupPeer(random.Pick(visible).QualifiedName)).Distinct().ToValueList();
    }

    private ServiceReference Service(Name tenant)
    {
        var visible = services.Where(s => MayName(tenant, s.Metadata.Tenant, s.Shared)).ToArray();
        return visible.Length > 0 && random.OneIn(3) ? new NamedService(random.Pick(visible).QualifiedName) : new InlineService(ServicePort.Parse(random.Pick(Services)));
    }
}
