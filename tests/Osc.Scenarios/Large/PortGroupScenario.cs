using Osc.Model;
using Osc.Model.Documents;
using static Osc.Scenarios.Large.Make;

namespace Osc.Scenarios.Large;

/// <summary>
/// A <see cref="PortGroupWorkload"/> as documents: a workload per port, 100 to a host (the first 100 on h0); a group finds its
/// members by a label of its name; the rules stand in one policy and hold where a connection comes in; a baseline policy drops what goes to any group.
/// </summary>
public sealed class PortGroupScenario
{
    private const int PortsOfHost = 100;
    private const string Member = "member";

    private static readonly Name Tenant = Name.Parse("bench");
    private static readonly QualifiedName Network = new(Tenant, Name.Parse("net"));
    private static readonly QualifiedName PolicyName = new(Tenant, Name.Parse("rules"));

    private readonly PortGroupWorkload workload;
    private readonly Site site = new();

    private PortGroupScenario(PortGroupWorkload workload)
    {
        this.workload = workload;
        var groupsOf = workload.Groups.SelectMany(g => g.Members.Select(m => (Port: m, Group: g.Id))).ToLookup(m => m.Port, m => m.Group);
        site.AddTenant(Tenant, DefaultAction.Allow);
        site.AddNetwork(Network, 1, null, Prefix.Parse("10.16.0.0/12"));
        foreach (var (i, port) in workload.Ports.Index())
        {
            if (i % PortsOfHost == 0)
            {
                site.AddHost(HostOf(i).Value);
            }

            var labels = Labels.Of(groupsOf[port.Id].Select(g => KeyValuePair.Create(g, Member)));
            site.Add(WorkloadOf(port, labels, HostOf(i)));
        }

        foreach (var group in workload.Groups)
        {
            site.Add(Group(GroupOf(group.Id), group.Id, Member));
        }

        site.Add(new PolicyDocument(new(PolicyName.Name, Tenant), PolicyDocument.DefaultTier, PolicyDocument.DefaultOrder, [], workload.Rules.Select(RuleOf).ToValueList()));
        var drop = new Rule(Name.Parse("drop"), [], [], [], RuleAction.Drop, Direction: Direction.In);
        var everyGroup = Peers(workload.Groups.Select(g => GroupOf(g.Id)));
        site.Add(new PolicyDocument(new(Name.Parse("deny-ingress"), Tenant), Tier.Baseline, PolicyDocument.DefaultOrder, everyGroup, [drop]));
        Documents = site.Documents;
    }

    public DocumentSet Documents { get; }

    /// <summary>The host of the first hundred ports.</summary>
    public static Name FirstHost { get; } = HostOf(0);

    public static PortGroupScenario Of(PortGroupWorkload workload) => new(workload);

    public static Name HostOf(int port) => Named("h", port / PortsOfHost);

    public static QualifiedName GroupOf(string id) => new(Tenant, Name.Parse(id));

    /// <summary>An address of no workload joins a group.</summary>
    /// <param name="group">By its place in the workload.</param>
    public DocumentChanges AddAddress(DocumentSet now, int group, IpAddress address)
    {
        var document = Find<SecurityGroupDocument>(now, Kind.SecurityGroup, GroupOf(workload.Groups[group].Id));
        return DocumentChanges.Of(now, [document with { Members = [.. document.Members, new CidrClause(Prefix.Of(address), null)] }], []);
    }

    /// <summary>A port joins a group besides its own: a local one where it is one of the first hundred.</summary>
    public DocumentChanges Join(DocumentSet now, int port, int group)
    {
        var document = Find<WorkloadDocument>(now, Kind.Workload, new(Tenant, Name.Parse(workload.Ports[port].Id)));
        var labels = document.Metadata.Labels.With(workload.Groups[group].Id, Member);
        return DocumentChanges.Of(now, [document with { Metadata = document.Metadata with { Labels = labels } }], []);
    }

    /// <summary>A rule more, at the end.</summary>
    public DocumentChanges AddRule(DocumentSet now, WorkloadRule rule)
    {
        var policy = Find<PolicyDocument>(now, Kind.Policy, PolicyName);
        return DocumentChanges.Of(now, [policy with { Rules = [.. policy.Rules, RuleOf(rule)] }], []);
    }

    /// <summary>A rule as a policy of its own, with its name.</summary>
    public static PolicyDocument PolicyOf(WorkloadRule rule) =>
        new(new(Name.Parse(rule.Id), Tenant), PolicyDocument.DefaultTier, PolicyDocument.DefaultOrder, [], new[] { RuleOf(rule) }.ToValueList());

    /// <summary>Another rule in a rule's place, or none.</summary>
    /// <param name="place">By its place in the policy.</param>
    public DocumentChanges ChangeRule(DocumentSet now, int place, WorkloadRule? rule)
    {
        var policy = Find<PolicyDocument>(now, Kind.Policy, PolicyName);
        return DocumentChanges.Of(now, [policy with { Rules = [.. policy.Rules.Take(place), .. rule is null ? [] : new[] { RuleOf(rule) }, .. policy.Rules.Skip(place + 1)] }], []);
    }

    /// <summary>The rule that drops what goes to any group is not there.</summary>
    public static DocumentChanges DropNothing(DocumentSet now)
    {
        var policy = Find<PolicyDocument>(now, Kind.Policy, new(Tenant, Name.Parse("deny-ingress")));
        return DocumentChanges.Of(now, [policy with { Rules = [] }], []);
    }

    /// <summary>A port more, on a host other than the first, in a group.</summary>
    /// <param name="number">Above those of all ports that are there.</param>
    public DocumentChanges AddRemotePort(DocumentSet now, int number, int group)
    {
        var port = new WorkloadPort(Named("p", number).Value, MacAddress.FromBits(0x0200_0000_0000UL | (uint)number), PortGroupWorkload.AddressOf(number));
        return DocumentChanges.Of(now, [WorkloadOf(port, Labelled(workload.Groups[group].Id, Member), HostOf(workload.Ports.Count - 1))], []);
    }

    private static WorkloadDocument WorkloadOf(WorkloadPort port, Labels labels, Name host) => new(
        new(Name.Parse(port.Id), Tenant, labels),
        null,
        [new(Name.Parse("eth0"), port.Mac, [port.Ip], Network, new(host, null, PortName.Parse(port.Id)))]);

    private static Rule RuleOf(WorkloadRule rule) =>
        new(Name.Parse(rule.Id), Peers(GroupOf(rule.From)), Peers(GroupOf(rule.To)), [Tcp(rule.Port)], RuleAction.Allow, Direction: Direction.In);

    private static T Find<T>(DocumentSet documents, Kind kind, QualifiedName name)
        where T : Document => documents.Find<T>(kind, name) ?? throw new ArgumentException($"there is no {kind} {name}");
}
