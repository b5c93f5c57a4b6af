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
        foreach (var (key, before, after) in changes)
        {
            var (gone, there) = (CountsOf(before), CountsOf(after));
            map = gone.Where(t => !there.ContainsKey(t.Key)).Aggregate(map, (m, t) => m.Without(new(t.Key, key)));
            map = there.Where(t => gone.GetValueOrDefault(t.Key) != t.Value).Aggregate(map, (m, t) => m.With(new(t.Key, key), t.Value));
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

    private static Dictionary<DocumentKey, int> CountsOf(Document? document) =>
        document is null ? [] : Targets.Of(document).CountBy(t => t).ToDictionary();
}
