using System.Collections.Concurrent;
using Osc.Model;
using Osc.Model.Documents;

namespace Osc.Policy.Verify.Meaning;

/// <summary>
/// The other way round than <see cref="GroupMembers"/>: from an address to the peers that rules name and that have it, in
/// time that grows with what concerns the address and not with the number of groups.
/// </summary>
internal sealed class PeerIndex
{
    private readonly State state;
    private readonly List<SecurityGroupDocument> groups = [];
    private readonly Dictionary<QualifiedName, int> groupNumbers = [];
    private readonly Dictionary<int, int> peerOfGroup = [];
    private readonly Dictionary<int, List<int>> parents = [];
    private readonly Dictionary<(Name Tenant, string Key, string Value), List<int>> bySelectedLabel = [];
    private readonly Dictionary<Name, List<int>> byOtherSelector = [];
    private readonly Dictionary<QualifiedName, List<int>> byWorkload = [];
    private readonly Dictionary<QualifiedName, List<int>> byNetwork = [];
    private readonly Dictionary<Prefix, List<int>> byRange = [];
    private readonly Dictionary<Prefix, List<int>> rangePeers = [];
    private readonly IReadOnlyList<(Name Tenant, Peer Peer)> peers;
    private readonly int[] lengthsIPv4;
    private readonly int[] lengthsIPv6;

    /// <summary>Of addresses that workloads have, with the workload as it was then. Addresses of nobody are without number.</summary>
    private readonly ConcurrentDictionary<(QualifiedName Vrf, IpAddress Address), (WorkloadDocument Owner, PeerSet Peers)> known = [];

    public PeerIndex(State state, IReadOnlyList<(Name Tenant, Peer Peer)> peers)
    {
        this.state = state;
        this.peers = peers;
        PeerCount = peers.Count;
        for (var number = 0; number < peers.Count; number++)
        {
            switch (peers[number].Peer)
            {
                case GroupPeer group:
                    peerOfGroup[NumberOf(group.Group)] = number;
                    break;
                case CidrPeer cidr:
                    Add(rangePeers, cidr.Cidr, number, Step.Build);
                    break;
            }
        }

        for (var number = 0; number < groups.Count; number++) // grows while groups name groups
        {
            foreach (var clause in groups[number].Members)
            {
                Enter(number, clause, Step.Build);
            }

            foreach (var clause in groups[number].Except)
            {
                if (clause is GroupClause nested)
                {
                    NumberOf(nested.Group);
                }
            }
        }

        Ranges = FindRanges();
        lengthsIPv4 = LengthsOf(IpFamily.IPv4);
        lengthsIPv6 = LengthsOf(IpFamily.IPv6);
    }

    /// <summary>For the same peers, where groups have other clauses: lists that they are in are copied, all others shared.</summary>
    private PeerIndex(PeerIndex before, State state, IReadOnlyList<SecurityGroupDocument> others)
    {
        this.state = state;
        (peers, PeerCount, groups, groupNumbers, peerOfGroup, rangePeers) = (before.peers, before.PeerCount, [.. before.groups], before.groupNumbers, before.peerOfGroup, before.rangePeers);
        (parents, bySelectedLabel, byOtherSelector) = (new(before.parents), new(before.bySelectedLabel), new(before.byOtherSelector));
        (byWorkload, byNetwork, byRange) = (new(before.byWorkload), new(before.byNetwork), new(before.byRange));
        foreach (var group in others)
        {
            var number = groupNumbers[group.QualifiedName];
            foreach (var clause in groups[number].Members)
            {
                Enter(number, clause, Step.TakeOut);
            }

            groups[number] = group;
            foreach (var clause in group.Members)
            {
                Enter(number, clause, Step.PutIn);
            }
        }

        Ranges = FindRanges();
        lengthsIPv4 = LengthsOf(IpFamily.IPv4);
        lengthsIPv6 = LengthsOf(IpFamily.IPv6);
    }

    private enum Step
    {
        /// <summary>Into lists that nobody else has.</summary>
        Build,
        TakeOut,
        PutIn,
    }

    /// <summary>The index of another state with the same peers, in which groups have other clauses.</summary>
    /// <param name="changed">All groups that differ.</param>
    /// <returns>null where a group comes in, or goes: all has to be indexed anew.</returns>
    public PeerIndex? For(State other, IEnumerable<QualifiedName> changed)
    {
        var others = new List<SecurityGroupDocument>();
        foreach (var name in changed.Where(groupNumbers.ContainsKey))
        {
            var then = other.Documents.Find<SecurityGroupDocument>(Kind.SecurityGroup, name);
            if (then is null || then.Members.Concat(then.Except).OfType<GroupClause>().Any(c => !groupNumbers.ContainsKey(c.Group)))
            {
                return null;
            }

            others.Add(then);
        }

        return new(this, other, others);
    }

    /// <summary>Every range that tells addresses apart.</summary>
    public IReadOnlyList<Prefix> Ranges { get; }

    /// <summary>How many peers this tells of: those of the lowest numbers.</summary>
    public int PeerCount { get; }

    /// <summary>The peers that have an address.</summary>
    public PeerSet Of(QualifiedName vrf, IpAddress address, PlacedInterface? owner)
    {
        if (owner is null)
        {
            return Find(vrf, address, null);
        }

        if (!known.TryGetValue((vrf, address), out var found) || !ReferenceEquals(found.Owner, owner.Workload))
        {
            known[(vrf, address)] = found = (owner.Workload, Find(vrf, address, owner));
        }

        return found.Peers;
    }

    private PeerSet Find(QualifiedName vrf, IpAddress address, PlacedInterface? owner)
    {
        var asked = new Question(vrf, address, owner);
        var found = new List<int>();
        var answers = new Dictionary<int, bool>();
        foreach (var group in Candidates(asked, found))
        {
            if (peerOfGroup.TryGetValue(group, out var peer) && Has(group, asked, answers))
            {
                found.Add(peer);
            }
        }

        found.Sort();
        return new([.. found]);
    }

    /// <summary>Groups that a clause of their own, or of a group in them, gives the address. On the way, the ranges that have it.</summary>
    private HashSet<int> Candidates(Question asked, List<int> ranges)
    {
        var candidates = new HashSet<int>();
        if (asked.Owner is { } owner)
        {
            foreach (var tenant in new[] { owner.Tenant, Tenants.System }.Distinct())
            {
                foreach (var (key, value) in LabelValues.All(owner.Workload))
                {
                    Take(bySelectedLabel.GetValueOrDefault((tenant, key, value)));
                }

                Take(byOtherSelector.GetValueOrDefault(tenant));
            }

            Take(byWorkload.GetValueOrDefault(owner.Workload.QualifiedName));
            Take(byNetwork.GetValueOrDefault(owner.Interface.Network));
        }

        foreach (var length in asked.Address.IsIPv4 ? lengthsIPv4 : lengthsIPv6)
        {
            var range = Prefix.Of(asked.Address, length);
            Take(byRange.GetValueOrDefault(range));
            ranges.AddRange((rangePeers.GetValueOrDefault(range) ?? []).Where(p => state.IsVrfOf(peers[p].Tenant, asked.Vrf)));
        }

        return candidates;

        void Take(List<int>? more)
        {
            foreach (var group in more ?? [])
            {
                if (candidates.Add(group))
                {
                    Take(parents.GetValueOrDefault(group));
                }
            }
        }
    }

    private bool Has(int number, Question asked, Dictionary<int, bool> answers)
    {
        if (!answers.TryGetValue(number, out var answer))
        {
            var group = groups[number];
            answer = group.Members.Any(Gives) && !group.Except.Any(Gives);
            answers.Add(number, answer);

            bool Gives(Clause clause) => clause is GroupClause nested ? Has(groupNumbers[nested.Group], asked, answers) : GivesDirectly(group.Metadata.Tenant, clause, asked);
        }

        return answer;
    }

    private bool GivesDirectly(Name tenant, Clause clause, Question asked) => clause switch
    {
        SelectorClause selector => asked.Owner is { } owner && (tenant == Tenants.System || tenant == owner.Tenant) && LabelValues.Match(owner.Workload, selector.Selector),
        WorkloadClause workload => asked.Owner is { } owner && owner.Workload.QualifiedName == workload.Workload,
        NetworkClause network => asked.Owner is { } owner && owner.Interface.Network == network.Network,
        CidrClause cidr => cidr.Cidr.Contains(asked.Address) && (cidr.Network is { } network ? state.Network(network).Vrf == asked.Vrf : state.IsVrfOf(tenant, asked.Vrf)),
        FqdnClause fqdn => state.IsVrfOf(tenant, asked.Vrf) && state.AddressesOf(fqdn.Fqdn).Contains(asked.Address),
        _ => false,
    };

    /// <summary>The ranges that a clause names itself: a literal one, or the addresses of a DNS name.</summary>
    private IEnumerable<Prefix> RangesOf(Clause clause) => clause switch
    {
        CidrClause cidr => [cidr.Cidr],
        FqdnClause fqdn => state.AddressesOf(fqdn.Fqdn).Select(a => Prefix.Of(a)),
        _ => [],
    };

    private void Enter(int group, Clause clause, Step step)
    {
        switch (clause)
        {
            case SelectorClause { Selector: var selector } when LabelValues.Naming(selector) is { } naming:
                foreach (var value in naming.Values.Distinct())
                {
                    Add(bySelectedLabel, (groups[group].Metadata.Tenant, naming.Key, value), group, step);
                }

                break;
            case SelectorClause:
                Add(byOtherSelector, groups[group].Metadata.Tenant, group, step);
                break;
            case WorkloadClause workload:
                Add(byWorkload, workload.Workload, group, step);
                break;
            case NetworkClause network:
                Add(byNetwork, network.Network, group, step);
                break;
            case CidrClause or FqdnClause:
                foreach (var range in RangesOf(clause))
                {
                    Add(byRange, range, group, step);
                }

                break;
            case GroupClause nested:
                Add(parents, NumberOf(nested.Group), group, step);
                break;
        }
    }

    private int NumberOf(QualifiedName name)
    {
        if (!groupNumbers.TryGetValue(name, out var number))
        {
            number = groups.Count;
            groupNumbers.Add(name, number);
            groups.Add(state.Group(name));
        }

        return number;
    }

    private IReadOnlyList<Prefix> FindRanges() => [.. byRange.Keys.Concat(rangePeers.Keys).Concat(groups.SelectMany(g => g.Except).SelectMany(RangesOf)).Distinct()];

    private int[] LengthsOf(IpFamily family) =>
        [.. byRange.Keys.Concat(rangePeers.Keys).Where(p => p.Family == family).Select(p => p.Length).Distinct().Order()];

    private static void Add<TKey>(Dictionary<TKey, List<int>> index, TKey key, int number, Step step)
        where TKey : notnull
    {
        var isThere = index.TryGetValue(key, out var list);
        if (step != Step.Build)
        {
            index[key] = [.. (list ?? []).Where(n => n != number), .. step == Step.PutIn ? new[] { number } : []];
        }
        else if (isThere)
        {
            list!.Add(number); // found
        }
        else
        {
            index.Add(key, [number]);
        }
    }

    private readonly record struct Question(QualifiedName Vrf, IpAddress Address, PlacedInterface? Owner);
}
