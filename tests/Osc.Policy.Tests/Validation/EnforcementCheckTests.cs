using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy.Documents;
using Osc.Policy.Validation;
using Xunit;

namespace Osc.Policy.Tests.Validation;

public sealed class EnforcementCheckTests
{
    private const string Groups = """
        apiVersion: osc/v1
        kind: SecurityGroup
        metadata: { name: pay }
        spec: { members: [ { cidr: 192.0.2.0/24 }, { fqdn: "*.pay.example.com" } ] }
        ---
        apiVersion: osc/v1
        kind: SecurityGroup
        metadata: { name: outer }
        spec: { members: [ { cidr: 0.0.0.0/0 } ], except: [ { group: pay } ] }
        """;

    private static string Policy(string spec) => "\n---\napiVersion: osc/v1\nkind: Policy\nmetadata: { name: p }\nspec: " + spec + "\n";

    [Theory]
    [InlineData("{ rules: [ { name: r, to: [ pay ], action: allow } ] }")]
    [InlineData("{ rules: [ { name: r, from: [ outer ], action: drop, mode: observe } ] }")]
    [InlineData("{ appliedTo: [ outer ], rules: [ { name: r, action: allow } ] }")]
    public void Check_refuses_a_wildcard_that_a_rule_needs(string policy)
    {
        Assert.Equal(
            ["set.yaml:4:52: default/SecurityGroup/pay spec.members[1].fqdn: DNS has no answer for '*.pay.example.com', and policy default/p needs its addresses; allowed: names without '*', each of which is resolved; or a DnsName document that says the addresses"],
            Check(Groups + Policy(policy)));
    }

    [Theory]
    [InlineData("{ rules: [] }")]
    [InlineData("{ appliedTo: [ pay ], rules: [] }")]
    [InlineData("{ appliedTo: [ pay ], rules: [ { name: r, to: [ outer ], action: allow, mode: disabled } ] }")]
    public void Check_lets_a_wildcard_be_where_no_rule_needs_it(string policy) => Assert.Empty(Check(Groups + Policy(policy)));

    [Fact]
    public void Check_lets_a_name_be_and_a_wildcard_whose_addresses_a_document_says()
    {
        var policy = Policy("{ rules: [ { name: r, to: [ pay ], action: allow } ] }");
        Assert.Empty(Check(Groups.Replace("*.", "", StringComparison.Ordinal) + policy));
        Assert.Empty(Check(Groups + policy + $"---\napiVersion: osc/v1\nkind: DnsName\nmetadata: {{ name: {DnsNameDocument.NameOf("*.pay.example.com")}, tenant: system }}\nspec: {{ fqdn: \"*.pay.example.com\" }}\n"));
    }

    private static IEnumerable<string> Check(string yaml)
    {
        var read = DocumentReader.ReadYaml(yaml, "set.yaml");
        Assert.Empty(StateValidator.Validate(new Revision(1), read).Errors.Select(e => e.ToString()));
        return EnforcementCheck.Check(DocumentSet.Of(read.Documents), read.Sources).Select(e => e.ToString());
    }
}
