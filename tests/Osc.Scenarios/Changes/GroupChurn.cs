using Osc.Model;
using Osc.Model.Documents;

namespace Osc.Scenarios.Changes;

/// <summary>Random changes of groups and services.</summary>
internal sealed class GroupChurn(Random random, ChurnWorld world)
{
    private const int MaxReferrers = 8;
    private const int MaxDepth = 8;
    private const int MaxClauses = 6;

    private readonly RandomClauses clauses = new(random, world);
    private readonly int startGroups = world.Groups.All.Count;
    private readonly int startServices = world.Services.All.Count;

    public void Step()
    {
        if (random.OneIn(5))
        {
            ChangeServices();
            return;
        }

        var count = world.Groups.All.Count;
        var dice = random.Next(10);
        if (count == 0 || (dice == 0 && count < (2 * startGroups) + 4))
        {
            var name = new QualifiedName(random.Pick(world.Owners), RandomExtensions.Numbered("cg", world.NextNumber()));
            PutIfSound(new(new(name.Name, name.Tenant), [MakeClause(name.Tenant)], [], random.OneIn(2)));
            return;
        }

        var group = random.Pick(world.Groups.All);
        switch (dice)
        {
            case 1 when count > 1 + (startGroups / 2):
                Remove(group.Key);
                break;
            case 2:
                PutIfSound(group with { Shared = !group.Shared });
                break;
            case 3:
                PutIfSound(group with { Except = Change(group.Except, group.Metadata.Tenant) });
                break;
            default:
                PutIfSound(group with { Members = Change(group.Members, group.Metadata.Tenant) });
                break;
        }
    }

    private ValueList<Clause> Change(ValueList<Clause> list, Name tenant)
    {
        var changed = list.ToList();
        if (changed.Count > 0 && (changed.Count >= MaxClauses || random.OneIn(2)))
        {
            changed.RemoveAt(random.Next(changed.Count));
        }

        if (changed.Count < MaxClauses && random.Next(3) > 0)
        {
            changed.Insert(random.Next(changed.Count + 1), MakeClause(tenant));
        }

        return changed.ToValueList();
    }

    /// <summary>Like those of small scenarios, and by a label that some workload has.</summary>
    private Clause MakeClause(Name tenant)
    {
        if (world.Workloads.Of(tenant).Count == 0 || world.Networks.Of(tenant).Count == 0)
        {
            return new CidrClause(Prefix.Parse("10.0.0.0/8"), null);
        }

        if (random.OneIn(10))
        {
            return new FqdnClause(random.Pick(InventoryChurn.DnsNames));
        }

        var labels = random.Pick(world.Workloads.Of(tenant)).Metadata.Labels;
        if (labels.Count == 0 || !random.OneIn(3))
        {
            return clauses.MakeClause(tenant);
        }

        var (key, value) = random.Pick(labels.ToArray());
        return new SelectorClause(new([new Requirement(key, SelectorOperator.Equals, [value])]));
    }

    /// <summary>Puts a group that has members if it has exceptions, that contains itself nowhere, and that those who name it may name.</summary>
    private void PutIfSound(SecurityGroupDocument group)
    {
        var isSound = (group.Members.Count > 0 || group.Except.Count == 0)
            && (group.Shared || IsNamedAtHome(group.Key))
            && DepthBelow(group, group.Key, 0) + DepthAbove(group.Key) <= MaxDepth;
        if (isSound)
        {
            world.Put(group);
        }
    }

    private bool IsNamedAtHome(DocumentKey key) => world.ReferrersOf(key).All(r => r.Tenant == key.Tenant || r.Tenant == Tenants.System);

    private void Remove(DocumentKey key)
    {
        var referrers = world.ReferrersOf(key).ToArray();
        if (referrers.Length > MaxReferrers)
        {
            return;
        }

        foreach (var referrer in referrers)
        {
            world.Put(Names.Without(world.Documents.Find(referrer)!, key)); // the index names documents that are there
        }

        world.Remove(key);
    }

    /// <summary>How many groups lie within each other from this one down; more than allowed where one of them is the top again.</summary>
    private int DepthBelow(SecurityGroupDocument group, DocumentKey top, int depth)
    {
        var deepest = 1;
        foreach (var inner in Names.In(group).Where(n => n.Kind == Kind.SecurityGroup))
        {
            if (inner == top || depth > MaxDepth)
            {
                return MaxDepth + 1;
            }

            deepest = Math.Max(deepest, 1 + DepthBelow((SecurityGroupDocument)world.Documents.Find(inner)!, top, depth + 1)); // what a group names is there
        }

        return deepest;
    }

    private int DepthAbove(DocumentKey key) =>
        world.ReferrersOf(key).Where(r => r.Kind == Kind.SecurityGroup).Select(r => 1 + DepthAbove(r)).DefaultIfEmpty(0).Max();

    private void ChangeServices()
    {
        var count = world.Services.All.Count;
        var dice = random.Next(4);
        if (count == 0 || (dice == 0 && count < (2 * startServices) + 4))
        {
            world.Put(clauses.MakeService(new(random.Pick(world.Owners), RandomExtensions.Numbered("cs", world.NextNumber()))));
            return;
        }

        var service = random.Pick(world.Services.All);
        var other = clauses.MakeService(service.QualifiedName);
        if (dice == 1)
        {
            Remove(service.Key);
        }
        else
        {
            world.Put(service with { Ports = other.Ports, Shared = other.Shared || !IsNamedAtHome(service.Key) });
        }
    }
}
