using Osc.Model;
using Osc.Policy.Documents;
using Osc.Policy.Validation;
using Xunit;

namespace Osc.Policy.Tests.Documents;

public sealed class BadDocumentTests
{
    private static readonly IReadOnlyList<BadDocument> All =
        BadDocument.ReadAll(Repository.PathOf("tests", "Osc.Policy.Tests", "Documents", "bad-documents.txt"));

    public static TheoryData<string> Names => [.. All.Select(b => b.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Bad_document_gives_exactly_its_errors_when_read(string name)
    {
        var bad = All.Single(b => b.Name == name);

        var result = StateValidator.Validate(new Revision(1), DocumentReader.Read(bad.Text, bad.File));

        Assert.Null(result.State);
        Assert.Equal(bad.Errors, result.Errors.Select(e => e.ToString()));
    }

    [Fact]
    public void Bad_documents_are_a_hundred_at_least_and_each_has_errors()
    {
        Assert.True(All.Count >= 100, $"{All.Count} cases");
        Assert.All(All, b => Assert.NotEmpty(b.Errors));
    }
}
