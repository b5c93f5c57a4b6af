using System.Numerics;
using Osc.Model;
using Osc.Model.Documents;

namespace Osc.Policy.Explain;

/// <summary>
/// The policies that stand in a tenant's workloads, in the order in which they decide, and which of them are applied to an
/// address: found from the groups that the address is in, so that the many that are applied elsewhere cost nothing.
/// </summary>
internal sealed class AppliedPolicies
{
    private static readonly int TierCount = Enum.GetValues<Tier>().Length;

    private readonly IReadOnlyDictionary<QualifiedName, int> groups;
    private readonly PolicyDocument[] policies;
    private readonly LaidOutRule[] rules;
    private readonly int[] rulesBefore;
    private readonly int[] tierStarts;
    private readonly ulong[] everywhere;
    private readonly Dictionary<int, List<int>> byGroup = [];
    private readonly List<(Name Tenant, Prefix Range, int Position)> byRange = [];

    /// <param name="groups">Their numbers.</param>
    public AppliedPolicies(State state, IReadOnlyDictionary<QualifiedName, int> groups, Name tenant)
    {
        this.groups = groups;
        var tenants = tenant == Tenants.System ? new[] { Tenants.System } : [Tenants.System, tenant];
        policies = [.. tenants.SelectMany(state.PoliciesOf).OrderBy(p => p.Tier)]; // stable: the system's stay ahead within a tier
        rules = [.. policies.SelectMany(p => p.Rules, (_, rule) => LayOut(rule))];
        rulesBefore = new int[policies.Length + 1];
        everywhere = new ulong[(policies.Length + 63) / 64];
        foreach (var (position, policy) in policies.Index())
        {
            rulesBefore[position + 1] = rulesBefore[position] + policy.Rules.Count;
            Enter(position, policy);
        }

        tierStarts = [.. Enumerable.Range(0, TierCount + 1).Select(tier => Array.FindIndex(policies, p => (int)p.Tier >= tier)).Select(at => at < 0 ? policies.Length : at)];
    }

    public PolicyDocument this[int position] => policies[position];

    /// <summary>The positions of a tier's policies.</summary>
    public (int Start, int End) PositionsOf(Tier tier) => (tierStarts[(int)tier], tierStarts[(int)tier + 1]);

    /// <summary>How many rules the policies from one position to before another have.</summary>
    public int CountRules(int start, int end) => rulesBefore[end] - rulesBefore[start];

    public int NumberOf(QualifiedName group) => groups[group];

    /// <summary>The rules of a policy.</summary>
    public ReadOnlySpan<LaidOutRule> RulesAt(int position) => rules.AsSpan(rulesBefore[position]..rulesBefore[position + 1]);

    /// <summary>The policies that are applied to an address, as a bit for each position.</summary>
    public ulong[] AppliedTo(State state, AddressGroups address)
    {
        var applied = (ulong[])everywhere.Clone();
        foreach (var group in address.Members)
        {
            foreach (var position in byGroup.GetValueOrDefault(group) ?? [])
            {
                applied[position / 64] |= 1UL << (position % 64);
            }
        }

        foreach (var (tenant, range, position) in byRange)
        {
            if (range.Contains(address.Address) && state.IsVrfOf(tenant, address.Vrf))
            {
                applied[position / 64] |= 1UL << (position % 64);
            }
        }

        return applied;
    }

    /// <summary>The next position from <paramref name="start"/> on whose bit is set; <paramref name="end"/> where there is none before it.</summary>
    public static int Next(ulong[] applied, int start, int end)
    {
        for (var position = start; position < end; position = ((position / 64) + 1) * 64)
        {
            var rest = applied[position / 64] >> (position % 64);
            if (rest != 0)
            {
                return Math.Min(end, position + BitOperations.TrailingZeroCount(rest));
            }
        }

        return end;
    }

    private void Enter(int position, PolicyDocument policy)
    {
        if (policy.AppliedTo.Count == 0)
        {
            everywhere[position / 64] |= 1UL << (position % 64);
        }

        foreach (var peer in policy.AppliedTo)
        {
            switch (peer)
            {
                case GroupPeer group:
                    var number = groups[group.Group];
                    if (!byGroup.TryGetValue(number, out var positions))
                    {
                        byGroup.Add(number, positions = []);
                    }

                    positions.Add(position);
                    break;
                case CidrPeer cidr:
                    byRange.Add((policy.Metadata.Tenant, cidr.Cidr, position));
                    break;
                default:
                    throw new InvalidOperationException($"no such peer: {peer}");
            }
        }
    }

    private LaidOutRule LayOut(Rule rule) => new(
        rule,
        rule.Mode != RuleMode.Disabled && rule.Direction != Direction.In,
        rule.Mode != RuleMode.Disabled && rule.Direction != Direction.Out,
        LayOut(rule.From),
        LayOut(rule.To));

    private int LayOut(ValueList<Peer> peers) =>
        peers.Count == 0 ? LaidOutRule.Any : peers is [GroupPeer group] ? groups[group.Group] : LaidOutRule.Several;
}

/// <summary>A rule with what most often excludes it at hand: many are looked at for each connection.</summary>
/// <param name="IsForOut">Whether it exists and is for the out side.</param>
/// <param name="IsForIn">Whether it exists and is for the in side.</param>
/// <param name="From">The number of the only group in it, <see cref="Any"/> or <see cref="Several"/>.</param>
/// <param name="To">The same.</param>
internal readonly record struct LaidOutRule(Rule Rule, bool IsForOut, bool IsForIn, int From, int To)
{
    public const int Any = -1;

    /// <summary>Several entries, or a range: the rule itself is to be asked.</summary>
    public const int Several = -2;
}
