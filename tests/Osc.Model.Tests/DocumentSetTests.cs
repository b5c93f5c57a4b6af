using CsCheck;
using Osc.Model.Documents;
using Xunit;

namespace Osc.Model.Tests;

public sealed class DocumentSetTests
{
    private static readonly Gen<Document> Documents = Gen.Select(Gen.OneOf("a", "b"), Gen.OneOf("x", "y", "z"), Gen.Int[0, 2], Gen.Bool).Select((tenant, name, kind, flag) =>
    {
        var metadata = new Metadata(Name.Parse(name), Name.Parse(tenant));
        return (Document)(kind switch
        {
            0 => new ServiceDocument(metadata, [ServicePort.Any], flag),
            1 => new SecurityGroupDocument(metadata, [], [], flag),
            _ => new TenantDocument(metadata, flag ? DefaultAction.Allow : DefaultAction.Drop, Quotas.None),
        });
    });

    [Fact]
    public void Set_is_in_key_order_and_the_later_document_of_a_key_stays() => Documents.Array[0, 20].Sample(documents =>
    {
        var expected = documents.GroupBy(d => d.Key).Select(g => g.Last()).OrderBy(d => d.Key);
        Assert.Equal(expected, DocumentSet.Of(documents));
    });

    [Fact]
    public void Set_is_not_changed_by_what_is_made_of_it() => Gen.Select(Documents.Array[0, 8], Documents).Sample((documents, more) =>
    {
        var set = DocumentSet.Of(documents);
        var before = set.ToArray();
        var with = set.With(more);
        var without = with.Without(more.Key);
        Assert.Equal(before, set);
        Assert.Equal(more, with.Find(more.Key));
        Assert.True(with.Contains(more.Key));
        Assert.False(without.Contains(more.Key));
        Assert.Null(without.Find(more.Key));
    });

    [Fact]
    public void Set_finds_a_document_by_kind_and_name()
    {
        var service = new ServiceDocument(new(Name.Parse("x"), Name.Parse("a")), [ServicePort.Any], false);
        var set = DocumentSet.Of([service]);
        Assert.Same(service, set.Find<ServiceDocument>(Kind.Service, QualifiedName.Parse("a/x")));
        Assert.Null(set.Find<ServiceDocument>(Kind.Policy, QualifiedName.Parse("a/x")));
        Assert.Equal("a/Service/x", service.Key.ToString());
        Assert.Equal("a/x", service.Key.QualifiedName.ToString());
    }
}
