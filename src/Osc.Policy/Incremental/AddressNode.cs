using Osc.Model;

namespace Osc.Policy.Incremental;

/// <summary>
/// An atom of a vrf's addresses: an address that a workload has, or a range that a group names (less the longer ones and the
/// addresses inside it).
/// </summary>
internal sealed class AddressNode(VrfNode vrf, Prefix prefix)
{
    public VrfNode Vrf { get; } = vrf;

    public Prefix Prefix { get; } = prefix;

    /// <summary>The workload that has it; null for a range.</summary>
    public WorkloadNode? Workload { get; set; }

    /// <summary>The interface that has it.</summary>
    public PlacedInterface? Interface { get; set; }

    /// <summary>The bridge that the interface is plugged into.</summary>
    public BridgeNode? Bridge { get; private set; }

    /// <summary>Clauses that name it as a range.</summary>
    public List<ClauseUse> Ranges { get; } = [];

    /// <summary>How many ranges cut the vrf here: its clauses, and those that only set IPv4 apart.</summary>
    public int Cuts { get; set; }

    public GroupSet Groups { get; set; } = GroupSet.None;

    /// <summary>What it was before the change that is being worked on; null if the change has not touched it.</summary>
    public AddressBefore? Before { get; set; }

    public bool Exists => Interface is not null || Cuts > 0;

    /// <summary>Whether it stands for more addresses than one.</summary>
    public bool IsRange => !Prefix.IsSingleAddress;

    public Name Tenant => Interface?.Tenant ?? default;

    public void MoveTo(BridgeNode? bridge)
    {
        Bridge?.Local.Remove(this);
        Bridge = bridge;
        Bridge?.Local.Add(this);
    }

    public override string ToString() => $"{Vrf.Name} {Prefix}";
}

/// <summary>What an address was before a change.</summary>
internal sealed record AddressBefore(bool Existed, GroupSet Groups, BridgeNode? Bridge, Name Tenant);

/// <summary>Addresses of a vrf that a change takes from one set of groups to another, and of which nothing else changes.</summary>
internal sealed class Transition(VrfNode vrf, GroupSet from, GroupSet to)
{
    public VrfNode Vrf { get; } = vrf;

    public GroupSet From { get; } = from;

    public GroupSet To { get; } = to;

    /// <summary>Groups that they are in now and were not.</summary>
    public GroupNode[] Joined { get; } = [.. to.Groups.Except(from.Groups)];

    /// <summary>Groups that they were in and are not any more.</summary>
    public GroupNode[] Left { get; } = [.. from.Groups.Except(to.Groups)];

    public List<AddressNode> Addresses { get; } = [];

    /// <summary>The bridges that they are local to.</summary>
    public HashSet<BridgeNode> Bridges { get; } = [];

    public void Add(AddressNode address)
    {
        Addresses.Add(address);
        if (address.Bridge is { } bridge)
        {
            Bridges.Add(bridge);
        }
    }
}

/// <summary>One address space.</summary>
internal sealed class VrfNode(QualifiedName name)
{
    private readonly Dictionary<Prefix, AddressNode> addresses = [];
    private readonly int[] rangesOfLength = new int[129];

    public QualifiedName Name { get; } = name;

    public IEnumerable<AddressNode> Addresses => addresses.Values;

    /// <summary>The tenants whose ranges count here.</summary>
    public IReadOnlyList<Name> Tenants { get; set; } = [];

    /// <summary>The ranges of more than one address.</summary>
    public HashSet<AddressNode> Ranges { get; } = [];

    public AddressNode Get(Prefix prefix)
    {
        if (!addresses.TryGetValue(prefix, out var found))
        {
            addresses.Add(prefix, found = new(this, prefix));
        }

        return found;
    }

    public AddressNode? Find(Prefix prefix) => addresses.GetValueOrDefault(prefix);

    /// <summary>The ranges that groups name and that have all of a prefix's addresses, shortest first.</summary>
    public IEnumerable<AddressNode> RangesAround(Prefix prefix)
    {
        var first = prefix.Family == IpFamily.IPv4 ? 96 : 0;
        for (var length = first; length <= prefix.BitLength; length++)
        {
            if (rangesOfLength[length] > 0
                && addresses.TryGetValue(Prefix.Of(prefix.Network, length - first), out var range)
                && range.Ranges.Count > 0)
            {
                yield return range;
            }
        }
    }

    public void Cut(AddressNode range)
    {
        if (range.Cuts++ == 0)
        {
            rangesOfLength[range.Prefix.BitLength]++;
            if (range.IsRange)
            {
                Ranges.Add(range);
            }
        }
    }

    public void Uncut(AddressNode range)
    {
        if (--range.Cuts == 0)
        {
            rangesOfLength[range.Prefix.BitLength]--;
            Ranges.Remove(range);
        }
    }

    public void Forget(AddressNode address) => addresses.Remove(address.Prefix);
}
