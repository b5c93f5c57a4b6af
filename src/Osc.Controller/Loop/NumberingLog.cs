using Osc.Model;
using Osc.Policy.Compile;
using Osc.Store.Hosts;

namespace Osc.Controller.Loop;

/// <summary>Numbers that a commit writes.</summary>
/// <param name="Since">No change from before this revision is needed any more.</param>
public sealed record NumberingWrites(IReadOnlyList<NumberingWrite> Writes, Revision Since);

/// <summary>
/// How the numbers that flows carry are stored: each host's whole, and then what each commit changes of them. Once the changes take more room than the wholes
/// do, a commit also writes the whole of one host, of that whose changes are the oldest; changes that are older than all others' oldest are dropped. So a commit costs by what
/// it changes, the store does not grow, and a start does not read much more than twice what there is. For one thread: the single writer's.
/// <code>
///  wholes    h1 ────────●   h2 ──●           ● = the revision that it was written at
///  changes        ×  ×  h1  h1   h2 h1,h2    × = in a whole since: not read, and dropped once they are the oldest
/// </code>
/// </summary>
public sealed class NumberingLog
{
    private readonly Dictionary<Name, int> wholes = [];

    /// <summary>The first change of each host that its whole does not have in it.</summary>
    private readonly Dictionary<Name, Revision> oldest = [];

    /// <summary>How much room the changes of each commit take, in the order of revisions.</summary>
    private readonly Queue<(Revision Revision, int Size)> changes = [];

    private long sizeOfWholes;
    private long sizeOfChanges;

    /// <param name="stored">What the store holds.</param>
    public NumberingLog(IReadOnlyList<StoredNumbering> stored)
    {
        foreach (var numbering in stored)
        {
            Add(new(numbering.Host, numbering.Whole, IsWhole: true), Revision.None);
            foreach (var change in numbering.Changes)
            {
                oldest.TryAdd(numbering.Host, change.Revision);
            }
        }

        foreach (var commit in stored.SelectMany(n => n.Changes).GroupBy(c => c.Revision).OrderBy(c => c.Key.Number))
        {
            Count(commit.Key, commit.Sum(c => c.Json.Length));
        }
    }

    /// <summary>The numbering of a host as it is stored.</summary>
    public static HostNumbering Read(StoredNumbering stored) => stored.Changes.Count == 0
        ? HostNumbering.FromJson(stored.Whole)
        : HostNumberingChange.Apply(HostNumbering.FromJson(stored.Whole), stored.Changes.Select(c => HostNumberingChange.FromJson(c.Json)));

    public static NumberingWrite Whole(Name host, HostNumbering numbering) => new(host, numbering.ToJson(), IsWhole: true);

    /// <summary>What a plan writes. It counts once it is <see cref="Written"/>.</summary>
    /// <param name="wholeOf">The numbers of a host after the plan.</param>
    public NumberingWrites WritesOf(Plan plan, Func<Name, HostNumbering> wholeOf)
    {
        var fold = sizeOfChanges > sizeOfWholes ? OldestOf(oldest.Where(h => !plan.RemovedHosts.Contains(h.Key))) : null;
        var writes = plan.Numberings
            .Where(n => n.Host != fold?.Host)
            .Select(n => wholes.ContainsKey(n.Host) ? new(n.Host, n.Change.ToJson(), IsWhole: false) : Whole(n.Host, wholeOf(n.Host)))
            .ToList();
        if (fold is { Host: var host })
        {
            writes.Add(Whole(host, wholeOf(host)));
        }

        var settled = writes.Where(w => w.IsWhole).Select(w => w.Host).Concat(plan.RemovedHosts).ToHashSet();
        return new(writes, OldestOf(oldest.Where(h => !settled.Contains(h.Key)))?.Revision ?? plan.After.Revision);
    }

    /// <summary>The store has them.</summary>
    /// <param name="revision">The one that they came with.</param>
    /// <param name="removed">Hosts that are no more.</param>
    public void Written(NumberingWrites writes, Revision revision, IReadOnlyList<Name> removed)
    {
        foreach (var host in removed)
        {
            oldest.Remove(host);
            sizeOfWholes -= wholes.Remove(host, out var size) ? size : 0;
        }

        foreach (var write in writes.Writes)
        {
            Add(write, revision);
        }

        Count(revision, writes.Writes.Where(w => !w.IsWhole).Sum(w => w.Json.Length));
        while (changes.TryPeek(out var first) && first.Revision.Number < writes.Since.Number)
        {
            sizeOfChanges -= changes.Dequeue().Size;
        }
    }

    private static (Name Host, Revision Revision)? OldestOf(IEnumerable<KeyValuePair<Name, Revision>> hosts)
    {
        (Name Host, Revision Revision)? first = null;
        foreach (var (host, revision) in hosts)
        {
            first = first is { } known && known.Revision.Number <= revision.Number ? first : (host, revision);
        }

        return first;
    }

    private void Add(NumberingWrite write, Revision revision)
    {
        if (!write.IsWhole)
        {
            oldest.TryAdd(write.Host, revision);
            return;
        }

        sizeOfWholes += write.Json.Length - wholes.GetValueOrDefault(write.Host);
        wholes[write.Host] = write.Json.Length;
        oldest.Remove(write.Host);
    }

    private void Count(Revision revision, int size)
    {
        if (size > 0)
        {
            changes.Enqueue((revision, size));
            sizeOfChanges += size;
        }
    }
}
