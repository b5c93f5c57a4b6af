using System.Runtime.InteropServices;
using Osc.Model;
using Osc.Model.Documents;

namespace Osc.Policy.Indexes;

/// <summary>A document that is named, there or not, and one that names it. The tenant of what has a global name is left out.</summary>
internal readonly record struct ReferenceKey(DocumentKey Target, DocumentKey Source) : IComparable<ReferenceKey>
{
    public int CompareTo(ReferenceKey other)
    {
        var byTarget = Target.CompareTo(other.Target);
        return byTarget != 0 ? byTarget : Source.CompareTo(other.Source);
    }
}

/// <summary>Who names whom, looked at from the one that is named. The number is how often the one names the other.</summary>
internal sealed record ReferenceIndex(SortedMap<ReferenceKey, int> References)
{
    public static ReferenceIndex Of(DocumentSet documents)
    {
        // Sources come in order, so it is enough to put their targets in order.
        var sources = new Dictionary<DocumentKey, List<(DocumentKey Source, int Count)>>();
        var targets = new List<DocumentKey>();
        foreach (var document in documents)
        {
            targets.Clear();
            Targets.Add(targets, document);
            foreach (var target in targets)
            {
                ref var list = ref CollectionsMarshal.GetValueRefOrAddDefault(sources, target, out _);
                list ??= new(1);
                if (list.Count > 0 && list[^1].Source == document.Key)
                {
                    list[^1] = (document.Key, list[^1].Count + 1);
                }
                else
                {
                    list.Add((document.Key, 1));
                }
            }
        }

        var builder = new SortedMapBuilder<ReferenceKey, int>();
        foreach (var (target, list) in sources.OrderBy(s => s.Key))
        {
            list.ForEach(s => builder.Add(new(target, s.Source), s.Count));
        }

        return new(builder.ToMap());
    }

    public ReferenceIndex With(DocumentChanges changes)
    {
        var map = References;
        foreach (var change in changes)
        {
            var (before, after) = CommonEnds.Narrow(change.Before, change.After);
            foreach (var (target, more) in Difference(before, after))
            {
                var key = new ReferenceKey(target, change.Key);
                var count = (map.TryFind(key, out var old) ? old : 0) + more;
                map = count == 0 ? map.Without(key) : map.With(key, count);
            }
        }

        return new(map);
    }

    /// <summary>The documents that name a document, in document order.</summary>
    public IEnumerable<DocumentKey> To(DocumentKey target)
    {
        var key = TargetOf(target);
        return References.From(new(key, default)).TakeWhile(p => p.Key.Target == key).Select(p => p.Key.Source);
    }

    private static DocumentKey TargetOf(DocumentKey key) => GlobalNames.Have(key.Kind) ? key with { Tenant = default } : key;

    /// <summary>How many more times one names what the other names, where that is not as often.</summary>
    private static IEnumerable<KeyValuePair<DocumentKey, int>> Difference(Document? before, Document? after)
    {
        var difference = new Dictionary<DocumentKey, int>();
        Count(before, -1);
        Count(after, 1);
        return difference.Where(t => t.Value != 0);

        void Count(Document? document, int by)
        {
            foreach (var target in document is null ? [] : Targets.Of(document))
            {
                CollectionsMarshal.GetValueRefOrAddDefault(difference, target, out _) += by;
            }
        }
    }
}
