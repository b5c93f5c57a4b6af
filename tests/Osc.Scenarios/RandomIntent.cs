using Osc.Model;
using Osc.Model.Documents;

namespace Osc.Scenarios;

/// <summary>Random groups, services and policies over an inventory.</summary>
internal sealed class RandomIntent : INameable
{
    private readonly Random random;
    private readonly DocumentSet inventory;
    private readonly bool inspects;
    private readonly RandomClauses clauses;
    private readonly Name[] tenants;
    private readonly List<SecurityGroupDocument> groups = [];
    private readonly List<ServiceDocument> services = [];
    private readonly List<InspectionChainDocument> chains = [];

    /// <param name="inspects">Whether rules may inspect.</param>
    public RandomIntent(Random random, DocumentSet inventory, bool inspects)
    {
        this.random = random;
        this.inventory = inventory;
        this.inspects = inspects;
        clauses = new(random, this);
        tenants = [.. inventory.OfType<WorkloadDocument>().Select(w => w.Metadata.Tenant).Distinct()];
    }

    public IReadOnlyList<Document> Make()
    {
        var all = random.OneIn(2) ? tenants.Append(Tenants.System).ToArray() : tenants;
        foreach (var tenant in all)
        {
            for (var i = 1; i <= 2 + random.Next(5); i++)
            {
                groups.Add(clauses.MakeGroup(new(tenant, RandomExtensions.Numbered("g", i))));
            }

            for (var i = 1; i <= random.Next(3); i++)
            {
                services.Add(clauses.MakeService(new(tenant, RandomExtensions.Numbered("s", i))));
            }

            var hosts = inventory.OfType<HostDocument>().ToArray();
            for (var i = 1; inspects && i <= random.Next(3); i++)
            {
                chains.Add(new RandomChains(random).Make(new(tenant, RandomExtensions.Numbered("c", i)), hosts));
            }
        }

        return [.. groups, .. services, .. chains, .. all.SelectMany(tenant => Enumerable.Range(1, 1 + random.Next(5)).Select(i => clauses.MakePolicy(new(tenant, RandomExtensions.Numbered("p", i)))))];
    }

    IReadOnlyList<WorkloadDocument> INameable.WorkloadsOf(Name tenant) =>
        inventory.OfType<WorkloadDocument>().Where(w => tenant == Tenants.System || w.Metadata.Tenant == tenant).ToArray();

    IReadOnlyList<InspectionChainDocument> INameable.ChainsFor(Name tenant) => chains.Where(c => INameable.MayName(tenant, c.Metadata.Tenant, false)).ToArray();

    IReadOnlyList<NetworkDocument> INameable.NetworksOf(Name tenant) =>
        inventory.OfType<NetworkDocument>().Where(n => tenant == Tenants.System || n.Metadata.Tenant == tenant).ToArray();

    IReadOnlyList<SecurityGroupDocument> INameable.GroupsFor(Name tenant) => groups.Where(g => INameable.MayName(tenant, g.Metadata.Tenant, g.Shared)).ToArray();

    IReadOnlyList<ServiceDocument> INameable.ServicesFor(Name tenant) => services.Where(s => INameable.MayName(tenant, s.Metadata.Tenant, s.Shared)).ToArray();
}
