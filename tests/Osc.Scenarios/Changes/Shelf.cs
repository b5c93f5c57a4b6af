using System.Collections;
using Osc.Model;
using Osc.Model.Documents;

namespace Osc.Scenarios.Changes;

/// <summary>Documents of a kind by number, so that a random one costs nothing to find; their order is that of their coming and going.</summary>
internal sealed class Shelf<T> : IReadOnlyList<T>
    where T : Document
{
    private readonly List<T> items = [];
    private readonly Dictionary<DocumentKey, int> places = [];

    public int Count => items.Count;

    public T this[int index] => items[index];

    public void Put(T document)
    {
        if (places.TryGetValue(document.Key, out var place))
        {
            items[place] = document;
            return;
        }

        places.Add(document.Key, items.Count);
        items.Add(document);
    }

    /// <summary>The last one takes the place of the one that goes. Nothing happens where it is not there.</summary>
    public void Remove(DocumentKey key)
    {
        if (!places.Remove(key, out var place))
        {
            return;
        }

        var last = items[^1];
        items.RemoveAt(items.Count - 1);
        if (last.Key != key)
        {
            items[place] = last;
            places[last.Key] = place;
        }
    }

    public IEnumerator<T> GetEnumerator() => items.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}

/// <summary>All documents of a kind, and those of each tenant, and those that are shared.</summary>
internal sealed class Shelves<T>(Func<T, bool> isShared)
    where T : Document
{
    private readonly Dictionary<Name, Shelf<T>> byTenant = [];
    private readonly Shelf<T> shared = [];

    public Shelf<T> All { get; } = [];

    public void Put(T document)
    {
        All.Put(document);
        OwnOf(document.Metadata.Tenant).Put(document);
        if (isShared(document))
        {
            shared.Put(document);
        }
        else
        {
            shared.Remove(document.Key);
        }
    }

    public void Remove(DocumentKey key)
    {
        All.Remove(key);
        OwnOf(key.Tenant).Remove(key);
        shared.Remove(key);
    }

    /// <summary>A tenant's own; all, for the system tenant.</summary>
    public IReadOnlyList<T> Of(Name tenant) => tenant == Tenants.System ? All : OwnOf(tenant);

    /// <summary>A tenant's own and those that others share. The tenant's shared ones count twice.</summary>
    public IReadOnlyList<T> For(Name tenant) => tenant == Tenants.System ? All : new Both<T>(OwnOf(tenant), shared);

    private Shelf<T> OwnOf(Name tenant)
    {
        if (!byTenant.TryGetValue(tenant, out var shelf))
        {
            byTenant.Add(tenant, shelf = []);
        }

        return shelf;
    }
}

/// <summary>One list after another.</summary>
internal sealed class Both<T>(IReadOnlyList<T> first, IReadOnlyList<T> second) : IReadOnlyList<T>
{
    public int Count => first.Count + second.Count;

    public T this[int index] => index < first.Count ? first[index] : second[index - first.Count];

    public IEnumerator<T> GetEnumerator() => first.Concat(second).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
