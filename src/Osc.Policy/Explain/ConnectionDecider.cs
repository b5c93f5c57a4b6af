using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy.Decisions;

namespace Osc.Policy.Explain;

/// <summary>
/// Says the same as <see cref="Decider"/>, for many connections of one state: what a rule names is looked up once for each
/// address, and a tenant's rules are laid out once in the order in which they decide. Keeps what it learned about the
/// addresses it met, so it is for one thread.
/// </summary>
public sealed class ConnectionDecider
{
    /// <summary>Addresses that are remembered; past that all are forgotten, and learned again as they come.</summary>
    private const int MaxRemembered = 1 << 18;

    private readonly State state;
    private readonly List<(Name Tenant, ValueList<Peer> Peers)> peerLists = [];
    private readonly Dictionary<(Name Tenant, ValueList<Peer> Peers), int> numbers = [];
    private readonly Dictionary<(Name Tenant, Direction Side), LaidOutRule[][]> rules = [];
    private readonly Dictionary<(QualifiedName Vrf, IpAddress Address), Memberships> memberships = [];

    public ConnectionDecider(State state) => this.state = state;

    /// <summary>The verdict of a connection and what each of its existing sides decided.</summary>
    public Decision Decide(Connection connection)
    {
        if (BeforePolicy.Decide(state, connection) is { } verdict)
        {
            return new(verdict, null, null);
        }

        var source = state.OwnerOf(connection.Vrf, connection.Source);
        var destination = state.OwnerOf(connection.Vrf, connection.Destination);
        var outSide = source is null ? null : DecideSide(connection, source, Direction.Out);
        var inSide = destination is null || BeforePolicy.IsDhcpAnswer(connection) ? null : DecideSide(connection, destination, Direction.In);
        var total = outSide is { Verdict: not Verdict.Allow } ? outSide.Verdict : inSide?.Verdict ?? Verdict.Allow;
        return new(total, outSide, inSide);
    }

    private SideDecision DecideSide(Connection connection, PlacedInterface side, Direction direction)
    {
        var source = MembershipsOf(connection.Vrf, connection.Source);
        var destination = MembershipsOf(connection.Vrf, connection.Destination);
        foreach (var tier in RulesFor(side.Tenant, direction))
        {
            foreach (var rule in tier)
            {
                if (Has(direction == Direction.Out ? source : destination, rule.AppliedTo, connection.Vrf)
                    && Has(source, rule.From, connection.Vrf)
                    && Has(destination, rule.To, connection.Vrf)
                    && Matches(rule.Services, connection))
                {
                    if (rule.Rule.Action == RuleAction.Pass)
                    {
                        break;
                    }

                    return new(side.Workload.QualifiedName, VerdictOf(rule.Rule.Action), rule.Key, rule.Rule.Chain);
                }
            }
        }

        var byDefault = state.DefaultActionOf(side.Tenant) == DefaultAction.Allow ? Verdict.Allow : Verdict.Drop;
        return new(side.Workload.QualifiedName, byDefault, null);
    }

    private static bool Matches(ServicePort[] services, in Connection connection)
    {
        foreach (var service in services)
        {
            if (service.Matches(connection))
            {
                return true;
            }
        }

        return services.Length == 0;
    }

    /// <summary>Whether a list of peers has an address: asked of the documents once, then remembered.</summary>
    private bool Has(Memberships address, int list, QualifiedName vrf)
    {
        if (address.Known(list) is { } known)
        {
            return known;
        }

        var (tenant, peers) = peerLists[list];
        return address.Learn(list, Membership.OfAny(state, tenant, peers, vrf, address.Address));
    }

    private Memberships MembershipsOf(QualifiedName vrf, IpAddress address)
    {
        if (!memberships.TryGetValue((vrf, address), out var found))
        {
            if (memberships.Count >= MaxRemembered)
            {
                memberships.Clear();
            }

            memberships.Add((vrf, address), found = new(address));
        }

        return found;
    }

    /// <summary>The rules that stand in a tenant's workloads on one side, by tier, in the order in which they decide.</summary>
    private LaidOutRule[][] RulesFor(Name tenant, Direction side)
    {
        if (!rules.TryGetValue((tenant, side), out var tiers))
        {
            var policies = (tenant == Tenants.System ? new[] { Tenants.System } : [Tenants.System, tenant]).SelectMany(state.PoliciesOf).ToLookup(p => p.Tier);
            tiers = [.. Enum.GetValues<Tier>().Select(tier => policies[tier]
                .SelectMany(p => p.Rules
                    .Where(r => r.Mode == RuleMode.Enforce && (r.Direction == Direction.Both || r.Direction == side))
                    .Select(r => LayOut(p, r)))
                .ToArray())];
            rules.Add((tenant, side), tiers);
        }

        return tiers;
    }

    private LaidOutRule LayOut(PolicyDocument policy, Rule rule)
    {
        var tenant = policy.Metadata.Tenant;
        return new(
            new(policy.QualifiedName, rule.Name),
            rule,
            NumberOf(tenant, policy.AppliedTo),
            NumberOf(tenant, rule.From),
            NumberOf(tenant, rule.To),
            [.. rule.Services.SelectMany(state.PortsOf)]);
    }

    private int NumberOf(Name tenant, ValueList<Peer> peers)
    {
        if (!numbers.TryGetValue((tenant, peers), out var number))
        {
            numbers.Add((tenant, peers), number = peerLists.Count);
            peerLists.Add((tenant, peers));
        }

        return number;
    }

    private static Verdict VerdictOf(RuleAction action) => action switch
    {
        RuleAction.Drop => Verdict.Drop,
        RuleAction.Reject => Verdict.Reject,
        _ => Verdict.Allow,
    };

    /// <summary>A rule with its lists of peers as numbers.</summary>
    private sealed record LaidOutRule(RuleKey Key, Rule Rule, int AppliedTo, int From, int To, ServicePort[] Services);

    /// <summary>What is known of one address: for each list of peers, whether it has the address.</summary>
    private sealed class Memberships(IpAddress address)
    {
        private const byte Yes = 1;
        private const byte No = 2;

        private byte[] known = [];

        public IpAddress Address { get; } = address;

        public bool? Known(int list) => list < known.Length ? known[list] switch { Yes => true, No => false, _ => null } : null;

        public bool Learn(int list, bool has)
        {
            if (list >= known.Length)
            {
                Array.Resize(ref known, Math.Max(list + 1, known.Length * 2));
            }

            known[list] = has ? Yes : No;
            return has;
        }
    }
}
