using Osc.Model;
using Osc.Model.Documents;

namespace Osc.Policy.Indexes;

/// <summary>All assertions, which are few among many documents.</summary>
internal sealed record AssertionIndex(SortedMap<DocumentKey, AssertionDocument> Assertions)
{
    public static AssertionIndex Of(DocumentSet documents)
    {
        var builder = new SortedMapBuilder<DocumentKey, AssertionDocument>();
        foreach (var assertion in documents.OfType<AssertionDocument>())
        {
            builder.Add(assertion.Key, assertion);
        }

        return new(builder.ToMap());
    }

    public AssertionIndex With(DocumentChanges changes) => new(changes
        .Where(c => c.Key.Kind == Kind.Assertion)
        .Aggregate(Assertions, (map, c) => c.After is AssertionDocument after ? map.With(c.Key, after) : map.Without(c.Key)));
}
