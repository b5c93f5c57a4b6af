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

    private const string Host = """
        apiVersion: osc/v1
        kind: Host
        metadata: { name: h1 }
        spec: { bridges: [ { name: br0 } ] }
        ---
        apiVersion: osc/v1
        kind: InspectionChain
        metadata: { name: ips }
        spec: { hops: [ { name: snort, ingress: { host: h1, port: ips-in }, egress: { host: h1, port: ips-out } } ] }
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

    [Fact]
    public void Check_refuses_an_inspect_rule_that_is_enforced()
    {
        Assert.Equal(
            ["set.yaml:14:37: default/Policy/p spec.rules[0].action: not enforced yet: connections of rule 'r' would not go through chain default/ips; allowed: allow, drop, reject, pass; or 'mode: disabled' until inspection is enforced"],
            Check(Host + Policy("{ rules: [ { name: r, action: inspect, chain: ips } ] }")));
    }

    [Theory]
    [InlineData("observe")]
    [InlineData("disabled")]
    public void Check_lets_an_inspect_rule_be_that_decides_nothing(string mode) =>
        Assert.Empty(Check(Host + Policy($"{{ rules: [ {{ name: r, action: inspect, chain: ips, mode: {mode} }} ] }}")));

    private static IEnumerable<string> Check(string yaml)
    {
        var read = DocumentReader.ReadYaml(yaml, "set.yaml");
        Assert.Empty(StateValidator.Validate(new Revision(1), read).Errors.Select(e => e.ToString()));
        return EnforcementCheck.Check(DocumentSet.Of(read.Documents), read.Sources).Select(e => e.ToString());
    }
}
