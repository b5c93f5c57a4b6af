using CsCheck;
using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy.Documents;
using Osc.Policy.Validation;
using Xunit;

namespace Osc.Policy.Tests.Documents;

public sealed class DocumentReaderTests
{
    private const string Service = "apiVersion: osc/v1\nkind: Service\nmetadata: { name: NAME }\nspec: { ports: [ tcp/80 ] }\n";

    [Fact]
    public void Each_subnet_that_lies_in_another_is_one_error_beside_the_smallest_around_it()
    {
        var subnets = string.Join(", ", Enumerable.Repeat("10.0.0.0/24", 500).Prepend("10.0.0.7/32").Append("10.0.0.0/16"));
        var read = DocumentReader.ReadYaml($"apiVersion: osc/v1\nkind: Network\nmetadata: {{ name: n }}\nspec: {{ subnets: [ {subnets} ] }}\n", "n.yaml");
        Assert.Equal(501, read.Errors.Count);
        Assert.All(read.Errors, e => Assert.Contains(" overlaps ", e.Message, StringComparison.Ordinal));
        Assert.Contains(read.Errors, e => e is { Path: "spec.subnets[501]", Message: "10.0.0.0/16 overlaps 10.0.0.0/24" });
    }

    [Fact]
    public void A_rule_that_only_a_refused_value_breaks_is_no_error()
    {
        var refused = string.Join(", ", Enumerable.Repeat("\"?\"", 500));
        var read = DocumentReader.ReadYaml($"apiVersion: osc/v1\nkind: Network\nmetadata: {{ name: n }}\nspec: {{ subnets: [ {refused} ] }}\n", "n.yaml");
        Assert.Equal(500, read.Errors.Count);
        Assert.All(read.Errors, e => Assert.Equal("'?' is no address or CIDR", e.Message));
    }

    [Fact]
    public void Reader_fills_in_the_documented_defaults()
    {
        var documents = DocumentReader.ReadYaml(
            """
            apiVersion: osc/v1
            kind: Policy
            metadata: { name: p }
            spec: { rules: [ { name: r, action: drop } ] }
            ---
            apiVersion: osc/v1
            kind: Tenant
            metadata: { name: t }
            ---
            apiVersion: osc/v1
            kind: Cloud
            metadata: { name: c }
            ---
            apiVersion: osc/v1
            kind: Network
            metadata: { name: n, tenant: shop }
            """,
            "d.yaml").Documents;

        var inDefault = Name.Parse("default");
        Assert.Equal(new PolicyDocument(new(Name.Parse("p"), inDefault), Tier.Application, 100, [], [new Rule(Name.Parse("r"), [], [], [], RuleAction.Drop)]), documents[0]);
        Assert.Equal(new TenantDocument(new(Name.Parse("t"), inDefault), DefaultAction.Drop, Quotas.None), documents[1]);
        Assert.Equal(new CloudDocument(new(Name.Parse("c"), inDefault), Name.Parse("static")), documents[2]);
        Assert.Equal(new NetworkDocument(new(Name.Parse("n"), Name.Parse("shop")), null, QualifiedName.Parse("shop/default"), Segment.Untagged, [], Multicast: false), documents[3]);
    }

    [Fact]
    public void Reader_tells_groups_from_ranges_and_services_from_ports()
    {
        var policy = (PolicyDocument)DocumentReader.ReadYaml(
            """
            apiVersion: osc/v1
            kind: Policy
            metadata: { name: p, tenant: shop }
            spec: { rules: [ { name: r, from: [ web, platform/dns, 10.0.0.1, "fd00::/8" ], services: [ http, platform/dns, any, icmp/3/4, tcp-alt ], action: allow } ] }
            """,
            "d.yaml").Documents.Single();

        Assert.Equal(
            [new GroupPeer(QualifiedName.Parse("shop/web")), new GroupPeer(QualifiedName.Parse("platform/dns")), new CidrPeer(Prefix.Parse("10.0.0.1")), new CidrPeer(Prefix.Parse("fd00::/8"))],
            policy.Rules[0].From);
        Assert.Equal(
            [
                new NamedService(QualifiedName.Parse("shop/http")),
                new NamedService(QualifiedName.Parse("platform/dns")),
                new InlineService(ServicePort.Any),
                new InlineService(ServicePort.Parse("icmp/3/4")),
                new NamedService(QualifiedName.Parse("shop/tcp-alt")),
            ],
            policy.Rules[0].Services);
    }

    [Fact]
    public void Reader_leaves_out_empty_documents_and_keeps_lines_when_comments_stand_between()
    {
        var read = DocumentReader.ReadYaml($"---\n# nothing\n---\n{Service.Replace("NAME", "web")}---\n", "d.yaml");

        Assert.Empty(read.Errors);
        Assert.Equal(new SourcePosition("d.yaml", 4, 1), read.Sources.Locate(Assert.Single(read.Documents).Key, ""));
    }

    [Fact]
    public void Source_locates_a_written_field_and_the_nearest_one_around_an_absent_field()
    {
        var read = DocumentReader.ReadYaml(Service.Replace("NAME", "web"), "d.yaml");
        var key = read.Documents.Single().Key;

        Assert.Equal(new SourcePosition("d.yaml", 4, 18), read.Sources.Locate(key, "spec.ports[0]"));
        Assert.Equal(new SourcePosition("d.yaml", 4, 16), read.Sources.Locate(key, "spec.ports[7].x"));
        Assert.Equal(new SourcePosition("d.yaml", 4, 7), read.Sources.Locate(key, "spec.shared"));
        Assert.Null(read.Sources.Locate(new DocumentKey(key.Tenant, Kind.Policy, key.Name), "spec"));
    }

    [Fact]
    public void Reader_refuses_a_text_that_is_too_long_before_it_reads_it()
    {
        var read = DocumentReader.ReadYaml(Service.Replace("NAME", "web"), "d.yaml", ReadLimits.Default with { MaxBytes = 60 });

        Assert.Equal("d.yaml:1:1: the text is too long; allowed: at most 60 bytes", Assert.Single(read.Errors).ToString());
        Assert.Empty(read.Documents);
    }

    [Fact]
    public void Reader_stops_at_the_bound_of_documents_in_yaml_and_json()
    {
        var limits = ReadLimits.Default with { MaxDocuments = 2 };
        var yaml = string.Join("---\n", new[] { "a", "b", "c" }.Select(n => Service.Replace("NAME", n)));
        var json = "[" + string.Join(",\n", DocumentReader.ReadYaml(yaml, "d.yaml").Documents.Select(DocumentPrinter.ToJson)) + "]";

        Assert.Equal("d.yaml:10:1: too many documents; allowed: at most 2 in one file", Assert.Single(DocumentReader.ReadYaml(yaml, "d.yaml", limits).Errors).ToString());
        Assert.Equal("d.json:3:1: too many documents; allowed: at most 2 in one file", Assert.Single(DocumentReader.ReadJson(json, "d.json", limits).Errors).ToString());
    }

    [Fact]
    public void Reader_stops_at_the_bound_of_errors_and_says_so()
    {
        var yaml = string.Join("---\n", Enumerable.Range(0, 50).Select(_ => "kind: Nothing\n"));

        var errors = DocumentReader.ReadYaml(yaml, "d.yaml", ReadLimits.Default with { MaxErrors = 10 }).Errors;

        Assert.Equal(11, errors.Count);
        Assert.Contains(errors, e => e.Message == "10 errors: the rest of the file was not read");
    }

    /// <summary>Each time the parser looks through what is left, which of a large file would be much in all.</summary>
    [Fact]
    public void Reader_goes_on_behind_documents_that_are_no_yaml_and_stops_at_the_twentieth()
    {
        const string Broken = "---\na: ]\n";
        var sound = "---\n" + Service.Replace("NAME", "a");

        var few = DocumentReader.ReadYaml(string.Concat(Enumerable.Repeat(Broken, 19)) + sound, "d.yaml");
        var many = DocumentReader.ReadYaml(string.Concat(Enumerable.Repeat(Broken, 500)) + sound, "d.yaml");

        Assert.Equal((19, 1), (few.Errors.Count, few.Documents.Count));
        Assert.Equal(21, many.Errors.Count);
        Assert.Contains(many.Errors, e => e.Message == "20 documents are no YAML: the rest of the file was not read");
    }

    [Theory]
    [InlineData(32, true)]
    [InlineData(33, false)]
    public void Reader_takes_lists_within_each_other_up_to_the_bound(int depth, bool isTaken)
    {
        var nested = new string('[', depth) + new string(']', depth);

        foreach (var read in new[] { DocumentReader.ReadYaml(nested, "d.yaml"), DocumentReader.ReadJson(nested.Replace("[]", "[1]"), "d.json") })
        {
            Assert.NotEqual(isTaken, read.Errors.Any(e => e.Message == "nested too deep"));
        }
    }

    [Fact]
    public void Reader_finishes_without_exception_when_lists_are_nested_a_hundred_thousand_deep()
    {
        Assert.NotEmpty(DocumentReader.ReadYaml(string.Concat(Enumerable.Repeat("- ", 100_000)), "d.yaml").Errors);
        Assert.NotEmpty(DocumentReader.ReadYaml(new string('[', 100_000), "d.yaml").Errors);
        Assert.NotEmpty(DocumentReader.ReadJson(new string('[', 100_000), "d.json").Errors);
    }

    /// <summary>Sound documents with a few characters changed, removed or repeated: whatever comes of it, it is documents or errors.</summary>
    [Fact]
    public void Reader_never_throws_when_documents_are_damaged()
    {
        var damage = Gen.Select(Gen.Int[0, 10_000], Gen.Int[0, 6], Gen.OneOf(Gen.OneOf("", "\t", "\n", "---\n", "- ", ": ", "[", "{", "}", "*a", "&a", "\"", "'", "#", "|", "\0", "\ud800", "!!x"), Gen.String[0, 5]));
        Gen.Select(DocumentGen.Documents, damage.Array[1, 4], Gen.Bool).Sample(
            (document, damages, isJson) =>
            {
                var text = isJson ? DocumentPrinter.ToIndentedJson(document) : DocumentPrinter.ToYaml(document);
                foreach (var (at, removed, inserted) in damages)
                {
                    var start = at % (text.Length + 1);
                    text = text[..start] + inserted + text[Math.Min(start + removed, text.Length)..];
                }

                foreach (var read in new[] { DocumentReader.ReadYaml(text, "d.yaml"), DocumentReader.ReadJson(text, "d.json") })
                {
                    Assert.All(read.Errors, e => Assert.True(e.Position is { Line: > 0, Column: > 0 }, e.ToString()));
                    StateValidator.Validate(new Revision(1), read);
                }
            },
            iter: 5_000);
    }

    [Fact]
    public void Fields_that_the_reader_takes_are_those_that_are_listed()
    {
        foreach (var field in DocumentFields.All.Where(f => f.Kind is not null))
        {
            // A document with nothing but this field: whatever else is missing, the field is not unknown.
            var steps = field.Path.Replace("[]", ".[]").Split('.');
            var value = steps.Reverse().Aggregate("null", (inner, step) => step == "[]" ? $"[ {inner} ]" : $"{{ \"{step}\": {inner} }}");
            var spec = value[$"{{ \"spec\": ".Length..^2];
            var errors = DocumentReader.ReadJson($"{{ \"apiVersion\": \"osc/v1\", \"kind\": \"{field.Kind}\", \"metadata\": {{ \"name\": \"x\" }}, \"spec\": {spec} }}", "d.json").Errors;

            Assert.DoesNotContain(errors, e => e.Message.StartsWith("unknown field", StringComparison.Ordinal));
            Assert.Contains(errors, e => e.Path == field.Path.Replace("[]", "[0]") && e.Message == "the value is missing");
        }
    }
}
