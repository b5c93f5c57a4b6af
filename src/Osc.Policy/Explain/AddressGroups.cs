using System.Globalization;
using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy.Decisions;

namespace Osc.Policy.Explain;

/// <summary>The groups of one address in one vrf, and by which clause it is in each.</summary>
internal sealed class AddressGroups
{
    private readonly State state;
    private readonly GroupIndex index;
    private readonly HashSet<int> candidates;
    private readonly Dictionary<int, bool> asked = [];
    private readonly bool[] isMember;

    public AddressGroups(State state, GroupIndex index, QualifiedName vrf, IpAddress address)
    {
        this.state = state;
        this.index = index;
        Vrf = vrf;
        Address = address;
        candidates = index.Candidates(address, state.OwnerOf(vrf, address));
        isMember = new bool[index.Count];
        foreach (var group in candidates)
        {
            isMember[group] = IsMember(group);
        }

        Members = [.. candidates.Where(g => isMember[g])];
    }

    public QualifiedName Vrf { get; }

    public IpAddress Address { get; }

    /// <summary>The numbers of the groups that have the address.</summary>
    public IReadOnlyList<int> Members { get; }

    public bool IsIn(int group) => isMember[group];

    /// <summary>The groups that have the address under members, with the clauses that say so, by name.</summary>
    public ValueList<GroupMembership> Explain() => candidates
        .Select(g => (Group: index[g], By: PathOf(g, index[g].Members, "members"), Number: g))
        .Where(g => g.By.Count > 0)
        .Select(g => new GroupMembership(g.Group.QualifiedName, g.By, PathOf(g.Number, g.Group.Except, "except")))
        .OrderBy(m => m.Group)
        .ToValueList();

    private bool IsMember(int group)
    {
        if (!candidates.Contains(group))
        {
            return false;
        }

        if (!asked.TryGetValue(group, out var found))
        {
            var document = index[group];
            found = document.Members.Any(c => Has(document, c)) && !document.Except.Any(c => Has(document, c));
            asked.Add(group, found);
        }

        return found;
    }

    private bool Has(SecurityGroupDocument group, Clause clause) => clause is GroupClause nested
        ? IsMember(index.Numbers[nested.Group])
        : Membership.OfClause(state, group.Metadata.Tenant, clause, Vrf, Address);

    /// <summary>The first of a group's clauses that has the address, followed into the group that it names; empty where none has.</summary>
    private ValueList<ClauseStep> PathOf(int number, ValueList<Clause> clauses, string field)
    {
        var steps = new List<ClauseStep>();
        var group = index[number];
        while (clauses.Index().FirstOrDefault(c => Has(group, c.Item)) is { Item: { } clause, Index: var at })
        {
            steps.Add(new(group.QualifiedName, string.Create(CultureInfo.InvariantCulture, $"{field}[{at}]"), clause));
            if (clause is not GroupClause nested)
            {
                break;
            }

            group = index[index.Numbers[nested.Group]];
            clauses = group.Members;
            field = "members";
        }

        return steps.ToValueList();
    }
}
