using CsCheck;
using Osc.Model.Documents;
using Xunit;

namespace Osc.Model.Tests;

public sealed class DocumentChangesTests
{
    private static readonly Gen<Document> Documents = Gen.Select(Gen.OneOf("a", "b"), Gen.OneOf("x", "y", "z"), Gen.Bool)
        .Select((tenant, name, flag) => (Document)new ServiceDocument(new(Name.Parse(name), Name.Parse(tenant)), [ServicePort.Any], flag));

    private static readonly Gen<DocumentSet> Sets = Documents.Array[0, 8].Select(DocumentSet.Of);

    [Fact]
    public void Changes_lead_from_one_set_to_the_other_and_back() => Gen.Select(Sets, Sets).Sample((before, after) =>
    {
        var changes = DocumentChanges.Between(before, after);

        Assert.Equal(after, before.With(changes));
        Assert.Equal(before, after.With(changes.Reverse()));
        Assert.Equal(changes, DocumentChanges.Of(before, after, before.Select(d => d.Key).Where(k => !after.Contains(k))));
    });

    [Fact]
    public void Changes_name_each_changed_document_once_and_in_key_order() => Gen.Select(Sets, Documents.Array[0, 6]).Sample((before, put) =>
    {
        var changes = DocumentChanges.Of(before, put, []);

        Assert.Equal(changes.Select(c => c.Key).Distinct().Order(), changes.Select(c => c.Key));
        Assert.All(changes, c => Assert.NotEqual(c.Before, c.After));
        Assert.All(changes, c => Assert.Equal(before.Find(c.Key), c.Before));
        Assert.Equal(before.With(put), before.With(changes));
    });

    [Fact]
    public void Changes_are_none_when_what_is_put_is_there_already_and_what_is_deleted_is_not()
    {
        var document = new ServiceDocument(new(Name.Parse("x"), Name.Parse("a")), [ServicePort.Any], Shared: false);

        Assert.Empty(DocumentChanges.Of(DocumentSet.Of([document]), [document with { Shared = false }], [document.Key with { Name = Name.Parse("y") }]));
    }
}
