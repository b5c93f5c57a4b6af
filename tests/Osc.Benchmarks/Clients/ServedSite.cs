using Osc.Lab;
using Osc.Model;
using Osc.Model.Documents;
using Osc.Scenarios.Large;

namespace Osc.Benchmarks.Clients;

/// <summary>A tenant's part of a site, where clients are at home: what is there, by name in the tenant.</summary>
/// <param name="Policy">One that stands as it is.</param>
internal sealed record Plot(string Tenant, IReadOnlyList<string> Groups, IReadOnlyList<string> Workloads, string Policy);

/// <summary>What a controller serves while clients come.</summary>
/// <param name="Agents">Hosts that have an agent.</param>
internal sealed record ServedSite(string Name, IReadOnlyCollection<Document> Documents, IReadOnlyList<Plot> Plots, IReadOnlyList<Name> Agents)
{
    /// <summary>The tenant whose changes two persons agree to.</summary>
    public const string CarefulTenant = "vault";

    /// <summary>The store is filled by so many at once.</summary>
    public const int DocumentsInCommit = 10_000;

    private const int Plotted = 40;

    private const int MostAgents = 32;

    /// <summary>The one at which all documents are there.</summary>
    public long FirstRevision => (Documents.Count + DocumentsInCommit - 1) / DocumentsInCommit;

    public static IReadOnlyList<string> Sizes { get; } = ["demo", "100k", "1k"];

    /// <param name="size">One of <see cref="Sizes"/>.</param>
    public static ServedSite Of(string size) => size switch
    {
        "demo" => Demo(),
        "100k" => Cluster(size, ClusterSize.Published with { Separate = true }),
        "1k" => Cluster(size, ClusterSize.Small with { Separate = true }),
        _ => throw new ArgumentException($"there is no size '{size}'", nameof(size)),
    };

    /// <summary>What make demo shows.</summary>
    private static ServedSite Demo()
    {
        var set = PolicySet.Read(PolicySet.Names.First());
        return new(
            set.Name,
            [.. set.State.Documents, Careful],
            [
                new("shop", ["web", "app", "db"], ["web-1", "web-2", "app-1", "db-1"], "shop-app"),
                new("platform", ["dns", "monitoring"], ["core-1"], "shared-services"),
            ],
            [.. set.State.Hosts.Select(h => h.Metadata.Name)]);
    }

    /// <summary>A cluster in which each namespace is a tenant; clients are at home in the first ones.</summary>
    private static ServedSite Cluster(string name, ClusterSize size)
    {
        var scenario = ClusterScenario.Of(size);
        var plots = Enumerable.Range(0, Plotted).Select(ns => new Plot(
            scenario.GroupOf(ns).Tenant.Value,
            [scenario.GroupOf(ns).Name.Value],
            [.. Enumerable.Range(0, size.PodsOfNamespace).Select(pod => scenario.PodOf(ns, pod).Name.Value)],
            scenario.PolicyOf(ns, 1).Name.Value));
        var hosts = Enumerable.Range(0, Plotted).SelectMany(ns => Enumerable.Range(0, size.PodsOfNamespace).Select(pod => scenario.HostOf(ns, pod))).Distinct().Take(MostAgents);
        return new(name, [.. scenario.Documents, Careful], [.. plots], [.. hosts]);
    }

    private static TenantDocument Careful { get; } =
        new(new(Osc.Model.Name.Parse(CarefulTenant), Tenants.System), DefaultAction.Drop, Quotas.None) { Approvals = 1 };
}
