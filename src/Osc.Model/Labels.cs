using System.Collections;
using System.Collections.Immutable;

namespace Osc.Model;

/// <summary>
/// Labels of a document, compared by value and listed in key order.
/// Keys and values follow Kubernetes: a key is [prefix/]name, a value at most 63 characters.
/// </summary>
public sealed class Labels : IReadOnlyCollection<KeyValuePair<string, string>>, IEquatable<Labels>
{
    public static readonly Labels Empty = new(ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal));

    private readonly ImmutableSortedDictionary<string, string> items;

    private Labels(ImmutableSortedDictionary<string, string> items) => this.items = items;

    public int Count => items.Count;

    public static Labels Of(IEnumerable<KeyValuePair<string, string>> items) => new(items.ToImmutableSortedDictionary(StringComparer.Ordinal));

    public bool TryGetValue(string key, out string value)
    {
        var found = items.TryGetValue(key, out var text);
        value = text ?? "";
        return found;
    }

    public Labels With(string key, string value) => new(items.SetItem(key, value));

    public bool Equals(Labels? other) => other is not null && items.SequenceEqual(other.items);

    public override bool Equals(object? obj) => Equals(obj as Labels);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var (key, value) in items)
        {
            hash.Add(key);
            hash.Add(value);
        }

        return hash.ToHashCode();
    }

    public IEnumerator<KeyValuePair<string, string>> GetEnumerator() => items.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public override string ToString() => string.Join(",", items.Select(i => $"{i.Key}={i.Value}"));
}
