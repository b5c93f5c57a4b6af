using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy.Decisions;
using Osc.Policy.Documents;
using Osc.Policy.Validation;
using Xunit;

namespace Osc.Policy.Tests.Documents;

/// <summary>docs/policy-language.md says what is so.</summary>
public sealed class PolicyLanguageTests
{
    [Fact]
    public void Page_has_sound_examples_of_every_kind()
    {
        var result = StateValidator.Validate(new Revision(1), DocumentReader.ReadYaml(PolicyLanguagePage.Examples, "examples.yaml"));

        Assert.Empty(result.Errors.Select(e => e.ToString()));
        Assert.Equal(Enum.GetValues<Kind>(), result.State!.Documents.Select(d => d.Kind).Distinct().Order());
    }

    [Fact]
    public void Page_has_examples_that_an_apply_takes()
    {
        var state = StateValidator.Validate(new Revision(1), DocumentReader.ReadYaml(PolicyLanguagePage.Examples, "examples.yaml")).State!;

        Assert.Empty(EnforcementCheck.Check(state.Documents).Concat(AssertionCheck.Check(state)).Select(e => e.ToString()));
    }

    [Fact]
    public void Page_shows_the_exact_errors_of_its_bad_examples()
    {
        Assert.NotEmpty(PolicyLanguagePage.BadExamples);
        Assert.All(PolicyLanguagePage.BadExamples, bad =>
        {
            var errors = DocumentReader.ReadYaml(bad.Yaml, "bad.yaml").Errors;
            Assert.Equal(bad.Errors, string.Concat(errors.Select(e => e + "\n")));
        });
    }

    [Fact]
    public void Page_gives_the_verdicts_that_its_examples_have()
    {
        var state = StateValidator.Validate(new Revision(1), DocumentReader.ReadYaml(PolicyLanguagePage.Examples, "examples.yaml")).State!;
        var rows = PolicyLanguagePage.Rows("source").ToArray();

        Assert.True(rows.Length >= 10, $"{rows.Length} rows");
        Assert.All(rows, row =>
        {
            var port = ServicePort.Parse(row[2]);
            var connection = new Connection(QualifiedName.Parse("shop/default"), IpAddress.Parse(row[0]), IpAddress.Parse(row[1]), port.Protocol!.Value, port.Ports.First);
            var decision = Decider.Decide(state, connection);

            Assert.Equal(row[3..], new[] { TextOf(decision.Out), TextOf(decision.In), Word(decision.Verdict) });
        });
    }

    [Fact]
    public void Page_lists_every_field_that_the_reader_takes()
    {
        var tables = PolicyLanguagePage.Text[PolicyLanguagePage.Text.IndexOf("### Every kind", StringComparison.Ordinal)..];

        Assert.Equal(PolicyLanguagePage.FieldTables(), tables);
    }

    [Fact]
    public void Page_names_every_reserved_tenant_and_every_bound()
    {
        Assert.All(ReservedTenants.Words, word => Assert.Contains($"`{word}`", PolicyLanguagePage.Text, StringComparison.Ordinal));
        Assert.Equal((16 * 1024 * 1024, 100_000, 32, 32), (ReadLimits.Default.MaxBytes, ReadLimits.Default.MaxDocuments, ReadLimits.Default.MaxDepth, GroupNestingCheck.MaxDepth));
        Assert.Contains("at most 16 MiB and 100,000 documents, lists and mappings nest at most 32 deep, groups too", PolicyLanguagePage.Text, StringComparison.Ordinal);
    }

    private static string TextOf(SideDecision? side) => side is null ? "-" : $"{Word(side.Verdict)}: {side.Rule?.ToString() ?? "default"}";

    private static string Word(Verdict verdict) => verdict.ToString().ToLowerInvariant();
}
