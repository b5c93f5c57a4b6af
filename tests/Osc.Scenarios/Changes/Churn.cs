using Osc.Model.Documents;

namespace Osc.Scenarios.Changes;

/// <summary>
/// An endless stream of random changes that keep a set of documents sound: workloads come, go, move and change their labels,
/// addresses and networks; groups, services, policies, rules, networks, hosts and tenants change in all that they say. The same start and
/// seed give the same stream. Each change costs what it touches, so the set may be large.
/// </summary>
public sealed class Churn
{
    private readonly Random random;
    private readonly ChurnWorld world;
    private readonly Action[] steps;

    private Churn(DocumentSet start, int seed)
    {
        random = new(seed);
        world = new(start);
        var (workloads, groups, policies, inventory) = (new WorkloadChurn(random, world), new GroupChurn(random, world), new PolicyChurn(random, world), new InventoryChurn(random, world));

        // Workloads change most, hosts and networks least: as often as a step stands here.
        steps = [workloads.Step, workloads.Step, workloads.Step, workloads.Step, groups.Step, groups.Step, policies.Step, policies.Step, policies.Step, inventory.Step];
    }

    /// <summary>The set after all changes so far.</summary>
    public DocumentSet Documents => world.Documents;

    /// <param name="start">A sound set with hosts, a network and workloads.</param>
    public static Churn Of(DocumentSet start, int seed) => new(start, seed);

    /// <summary>The next changes, which lead from <see cref="Documents"/> as it was to what it is then: mostly one, sometimes several that belong together. Never none.</summary>
    public DocumentChanges Next()
    {
        while (true)
        {
            var count = random.OneIn(4) ? 2 + random.Next(5) : 1;
            for (var i = 0; i < count; i++)
            {
                random.Pick(steps)();
            }

            if (world.TakeChanges() is { Count: > 0 } changes)
            {
                return changes;
            }
        }
    }
}
