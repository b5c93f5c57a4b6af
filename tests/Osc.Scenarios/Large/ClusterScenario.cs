using Osc.Model;
using Osc.Model.Documents;
using static Osc.Scenarios.Large.Make;

namespace Osc.Scenarios.Large;

/// <summary>How large a <see cref="ClusterScenario"/> is.</summary>
/// <param name="Separate">Whether each namespace is a tenant of its own, with shared groups, in one vrf; else all are in one tenant.</param>
public sealed record ClusterSize(int Namespaces, int PodsOfNamespace, int Hosts, bool Separate = false)
{
    /// <summary>The largest published test of Antrea's controller: 100,000 pods, 25,000 groups, 75,000 policies, on 1,000 hosts.</summary>
    public static readonly ClusterSize Published = new(25_000, 4, 1_000);

    /// <summary>A hundredth of it, for tests.</summary>
    public static readonly ClusterSize Small = new(250, 4, 10);
}

/// <summary>
/// A Kubernetes cluster of many small namespaces. A namespace is a group by the label ns; its three policies allow what comes from
/// the namespace itself, what comes from one other on a port, and what goes to a third. Its pods are scattered over the hosts, each of
/// which has a /24 of its own.
/// </summary>
public sealed class ClusterScenario
{
    private const string Label = "ns";

    private static readonly Name OneTenant = Name.Parse("cluster");
    private static readonly Name PodNetwork = Name.Parse("pods");
    private static readonly QualifiedName SharedVrf = new(OneTenant, NetworkDocument.DefaultVrf);

    private readonly ClusterSize size;
    private readonly Site site = new();
    private readonly int[] hostOfPod;

    private ClusterScenario(ClusterSize size, int seed)
    {
        this.size = size;
        var random = new Random(seed);
        hostOfPod = [.. Enumerable.Range(0, size.Namespaces * size.PodsOfNamespace).Select(i => i % size.Hosts)];
        random.Shuffle(hostOfPod);
        AddInventory();
        for (var ns = 0; ns < size.Namespaces; ns++)
        {
            site.Add(Group(GroupOf(ns), Label, GroupOf(ns).Name.Value, size.Separate));
            foreach (var policy in PoliciesOf(ns, random.Next(size.Namespaces), random.Next(size.Namespaces), 1_024 + random.Next(20_000)))
            {
                site.Add(policy);
            }
        }

        Documents = site.Documents;
    }

    public DocumentSet Documents { get; }

    public static ClusterScenario Of(ClusterSize size, int seed = 1) => new(size, seed);

    /// <summary>The group of a namespace; its tenant is the namespace's.</summary>
    public QualifiedName GroupOf(int ns) => new(size.Separate ? Named("ns", ns) : OneTenant, Named("ns", ns));

    public QualifiedName PodOf(int ns, int pod) => new(GroupOf(ns).Tenant, Name.Parse($"{GroupOf(ns).Name}-{Named("pod", pod)}"));

    public Name HostOf(int ns, int pod) => HostName(hostOfPod[(ns * size.PodsOfNamespace) + pod]);

    public static Name HostName(int host) => Named("h", host);

    /// <summary>The policy (0 to 2) of a namespace.</summary>
    public QualifiedName PolicyOf(int ns, int policy) => new(GroupOf(ns).Tenant, Name.Parse($"{GroupOf(ns).Name}-{Named("p", policy)}"));

    /// <summary>A pod's label is changed: it leaves one group and joins another. In one tenant only.</summary>
    public DocumentChanges Relabel(DocumentSet now, QualifiedName pod, int toNamespace) => Relabel(now, [(pod, toNamespace)]);

    /// <summary>The same of several pods.</summary>
    public DocumentChanges Relabel(DocumentSet now, IReadOnlyList<(QualifiedName Pod, int ToNamespace)> moves)
    {
        return DocumentChanges.Of(now, moves.Select(Relabelled), []);

        WorkloadDocument Relabelled((QualifiedName Pod, int ToNamespace) move)
        {
            var workload = now.Find<WorkloadDocument>(Kind.Workload, move.Pod) ?? throw new ArgumentException($"there is no pod {move.Pod}");
            return workload with { Metadata = workload.Metadata with { Labels = workload.Metadata.Labels.With(Label, GroupOf(move.ToNamespace).Name.Value) } };
        }
    }

    /// <summary>The port of a namespace's policy towards another is changed.</summary>
    public DocumentChanges ChangePort(DocumentSet now, int ns, int port)
    {
        var policy = now.Find<PolicyDocument>(Kind.Policy, PolicyOf(ns, 1)) ?? throw new ArgumentException($"namespace {ns} has no policy 1");
        return DocumentChanges.Of(now, [policy with { Rules = [policy.Rules[0] with { Services = [Tcp(port)] }] }], []);
    }

    /// <summary>A further pod of a namespace on a host.</summary>
    /// <param name="number">256 pods can be added to a host.</param>
    public DocumentChanges AddPod(DocumentSet now, int ns, int host, byte number)
    {
        var group = GroupOf(ns);
        var metadata = new Metadata(Name.Parse($"{group.Name}-new-{host}-{number}"), group.Tenant, Labelled(Label, group.Name.Value));
        var address = IpAddress.FromIPv4(Ten((uint)host << 8).IPv4Bits + (128u << 16) + number);
        return DocumentChanges.Of(now, [site.MakeWorkload(metadata, NetworkOf(ns), HostName(host), [address])], []);
    }

    private void AddInventory()
    {
        for (var host = 0; host < size.Hosts; host++)
        {
            site.AddHost(HostName(host).Value);
        }

        if (!size.Separate)
        {
            site.AddNetwork(NetworkOf(0), 1, SharedVrf, AllTen);
        }

        var podsOfHost = new int[size.Hosts];
        for (var ns = 0; ns < size.Namespaces; ns++)
        {
            if (size.Separate)
            {
                site.AddNetwork(NetworkOf(ns), ns + 1, SharedVrf);
            }

            var labels = Labelled(Label, GroupOf(ns).Name.Value);
            for (var pod = 0; pod < size.PodsOfNamespace; pod++)
            {
                var host = hostOfPod[(ns * size.PodsOfNamespace) + pod];
                var address = Ten(((uint)host << 8) + (uint)++podsOfHost[host]);
                site.AddWorkload(new(PodOf(ns, pod).Name, GroupOf(ns).Tenant, labels), NetworkOf(ns), HostName(host), address);
            }
        }
    }

    private QualifiedName NetworkOf(int ns) => new(GroupOf(ns).Tenant, PodNetwork);

    private IEnumerable<PolicyDocument> PoliciesOf(int ns, int from, int to, int port)
    {
        Rule[] rules =
        [
            new(Name.Parse("same"), Peers(GroupOf(ns)), [], [], RuleAction.Allow, Direction: Direction.In),
            new(Name.Parse("from"), Peers(GroupOf(from)), [], [Tcp(port)], RuleAction.Allow, Direction: Direction.In),
            new(Name.Parse("to"), [], Peers(GroupOf(to)), [Tcp(443)], RuleAction.Allow, Direction: Direction.Out),
        ];
        return rules.Select((rule, i) => new PolicyDocument(
            new(PolicyOf(ns, i).Name, GroupOf(ns).Tenant), PolicyDocument.DefaultTier, PolicyDocument.DefaultOrder, Peers(GroupOf(ns)), [rule]));
    }
}
