using Osc.Model;
using Osc.Model.Documents;
using static Osc.Scenarios.Large.Make;

namespace Osc.Scenarios.Large;

/// <summary>How large a <see cref="BigGroupScenario"/> is, and of what.</summary>
/// <param name="Literal">Whether the members are addresses that the group lists; else workloads that its selector finds.</param>
/// <param name="Everywhere">Whether each rule holds on every host; else the rules are dealt out to the hosts.</param>
public sealed record BigGroupSize(int Members, int Hosts, int Rules, bool Literal = false, bool Everywhere = true)
{
    /// <summary>10,000 addresses in 1,000 rules on 1,000 hosts.</summary>
    public static readonly BigGroupSize Published = new(10_000, 1_000, 1_000);

    /// <summary>A hundredth of it, for tests.</summary>
    public static readonly BigGroupSize Small = new(100, 10, 10);
}

/// <summary>
/// One large group that many rules on many hosts name. The members are clients on hosts of their own, where no rule holds; each of
/// the other hosts has one server. Every client is in a team too, and every fourth rule names a team besides, so that the members are of
/// several classes. No two addresses are neighbours: nothing merges. Some clients are no members yet; those can join.
/// </summary>
public sealed class BigGroupScenario
{
    private const int Teams = 20;
    private const int ClientsOfHost = 100;
    private const string MemberLabel = "big";
    private const string TeamLabel = "team";
    private const string ServerLabel = "server";

    private static readonly Name Tenant = Name.Parse("shop");
    private static readonly QualifiedName Network = new(Tenant, Name.Parse("net"));

    private readonly BigGroupSize size;
    private readonly Site site = new();

    private BigGroupScenario(BigGroupSize size)
    {
        this.size = size;
        site.AddTenant(Tenant, DefaultAction.Allow);
        site.AddNetwork(Network, 1, null, AllTen);
        AddServers();
        AddClients();
        AddGroups();
        AddPolicies();
        Documents = site.Documents;
    }

    public DocumentSet Documents { get; }

    public static QualifiedName BigGroup { get; } = new(Tenant, Name.Parse("big"));

    /// <summary>How many clients are no members at first.</summary>
    public int Spares => Math.Max(100, size.Members / 5);

    public static BigGroupScenario Of(BigGroupSize size) => new(size);

    /// <summary>The host of one server; all its flows change by one when an address joins.</summary>
    public static Name HostOf(int server) => Named("h", server);

    public static QualifiedName ClientOf(int client) => new(Tenant, Named("c", client));

    /// <summary>Spares become members: their labels are changed, or their addresses are listed.</summary>
    public DocumentChanges Join(DocumentSet now, params ReadOnlySpan<int> spares) => Change(now, spares, joins: true);

    /// <summary>Spares that have joined are members no longer.</summary>
    public DocumentChanges Leave(DocumentSet now, params ReadOnlySpan<int> spares) => Change(now, spares, joins: false);

    private static IpAddress AddressOfClient(int client) => Ten((1u << 20) + (uint)((2 * client) + 1));

    private DocumentChanges Change(DocumentSet now, ReadOnlySpan<int> spares, bool joins)
    {
        var clients = new int[spares.Length];
        for (var i = 0; i < spares.Length; i++)
        {
            clients[i] = size.Members + spares[i];
        }

        if (size.Literal)
        {
            var group = now.Find<SecurityGroupDocument>(Kind.SecurityGroup, BigGroup) ?? throw new ArgumentException("there is no big group");
            var clauses = clients.Select(c => (Clause)new CidrClause(Prefix.Of(AddressOfClient(c)), null)).ToHashSet();
            return DocumentChanges.Of(now, [group with { Members = (joins ? group.Members.Concat(clauses) : group.Members.Where(m => !clauses.Contains(m))).ToValueList() }], []);
        }

        return DocumentChanges.Of(now, clients.Select(c => Relabelled(now, c, joins)), []);
    }

    private static WorkloadDocument Relabelled(DocumentSet now, int client, bool isMember)
    {
        var workload = now.Find<WorkloadDocument>(Kind.Workload, ClientOf(client)) ?? throw new ArgumentException($"there is no client {client}");
        return workload with { Metadata = workload.Metadata with { Labels = LabelsOf(client, isMember) } };
    }

    private static Labels LabelsOf(int client, bool isMember) =>
        Labelled(MemberLabel, isMember ? "yes" : "no").With(TeamLabel, Named("t", client % Teams).Value);

    private void AddServers()
    {
        for (var host = 0; host < size.Hosts; host++)
        {
            var name = site.AddHost(HostOf(host).Value);
            site.AddWorkload(new(Named("s", host), Tenant, Labelled(ServerLabel, Named("s", host).Value)), Network, name, Ten((uint)((2 * host) + 1)));
        }
    }

    private void AddClients()
    {
        var clients = size.Members + Spares;
        for (var client = 0; client < clients; client++)
        {
            var host = Named("c", client / ClientsOfHost);
            if (client % ClientsOfHost == 0)
            {
                site.AddHost(host.Value);
            }

            var isMember = !size.Literal && client < size.Members;
            site.AddWorkload(new(ClientOf(client).Name, Tenant, LabelsOf(client, isMember)), Network, host, AddressOfClient(client));
        }
    }

    private void AddGroups()
    {
        var members = size.Literal
            ? Enumerable.Range(0, size.Members).Select(c => (Clause)new CidrClause(Prefix.Of(AddressOfClient(c)), null)).ToValueList()
            : [Selected(MemberLabel, "yes")];
        site.Add(new SecurityGroupDocument(new(BigGroup.Name, Tenant), members, [], false));
        for (var team = 0; team < Teams; team++)
        {
            site.Add(Group(TeamOf(team), TeamLabel, Named("t", team).Value));
        }

        site.Add(new SecurityGroupDocument(new(ServersOf(null).Name, Tenant), [new SelectorClause(Selector.Parse(ServerLabel))], [], false));
        for (var host = 0; host < size.Hosts && !size.Everywhere; host++)
        {
            site.Add(Group(ServersOf(host), ServerLabel, Named("s", host).Value));
        }
    }

    private void AddPolicies()
    {
        for (var i = 0; i < size.Rules; i++)
        {
            var from = i % 4 == 0 ? Peers(BigGroup, TeamOf(i / 4 % Teams)) : Peers(BigGroup);
            var rule = new Rule(Name.Parse("allow"), from, [], [Tcp(1_000 + i)], RuleAction.Allow, Direction: Direction.In);
            var appliedTo = Peers(ServersOf(size.Everywhere ? null : i % size.Hosts));
            site.Add(new PolicyDocument(new(Named("p", i), Tenant), PolicyDocument.DefaultTier, PolicyDocument.DefaultOrder, appliedTo, [rule]));
        }

        var drop = new Rule(Name.Parse("drop"), [], [], [], RuleAction.Drop, Direction: Direction.In);
        site.Add(new PolicyDocument(new(Name.Parse("deny-ingress"), Tenant), Tier.Baseline, PolicyDocument.DefaultOrder, Peers(ServersOf(null)), [drop]));
    }

    private static QualifiedName TeamOf(int team) => new(Tenant, Named("team", team));

    private static QualifiedName ServersOf(int? host) => new(Tenant, host is { } number ? Named("server", number) : Name.Parse("servers"));
}
