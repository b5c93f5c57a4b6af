using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy.Documents;
using Osc.Policy.Validation;
using Osc.Scenarios.Large;
using Xunit;

namespace Osc.Policy.Tests.Validation;

public sealed class AssertionCheckTests
{
    private const string Shop = """
        apiVersion: osc/v1
        kind: Network
        metadata: { name: front, tenant: shop }
        spec: { subnets: [ 10.9.0.0/24 ] }
        ---
        apiVersion: osc/v1
        kind: Workload
        metadata: { name: web-1, tenant: shop, labels: { app: web } }
        spec: { interfaces: [ { name: eth0, mac: "02:00:00:00:00:01", addresses: [ 10.9.0.1 ], network: front } ] }
        ---
        apiVersion: osc/v1
        kind: SecurityGroup
        metadata: { name: web, tenant: shop }
        spec: { members: [ { selector: "app = web" } ] }
        ---
        apiVersion: osc/v1
        kind: Policy
        metadata: { name: app, tenant: shop }
        spec: { rules: [ { name: https, to: [ web ], services: [ tcp/443 ], action: allow } ] }
        ---
        apiVersion: osc/v1
        kind: Assertion
        metadata: { name: a, tenant: shop }
        spec:

        """;

    [Theory]
    [InlineData("{ never: { to: [ web ], services: [ tcp/22 ] } }")]
    [InlineData("{ always: { from: [ 203.0.113.0/24 ], to: [ web ], services: [ tcp/443 ] } }")]
    public void Check_has_nothing_to_say_when_assertions_hold(string spec) => Assert.Empty(Check(spec));

    [Theory]
    [InlineData(
        "{ never: { from: [ 203.0.113.7 ], to: [ web ] } }",
        "set.yaml:25:12: shop/Assertion/a spec.never: does not hold: shop/default: 203.0.113.7 -> 10.9.0.1 tcp/443 passes: in shop/app/https; allowed: policies that let no such connection pass")]
    [InlineData(
        "{ always: { from: [ 203.0.113.7 ], to: [ web ], services: [ tcp/80 ] } }",
        "set.yaml:25:13: shop/Assertion/a spec.always: does not hold: shop/default: 203.0.113.7 -> 10.9.0.1 tcp/80 does not pass (drop): in default; allowed: policies that let every such connection pass")]
    public void Check_shows_a_connection_when_an_assertion_does_not_hold(string spec, string error) => Assert.Equal([error], Check(spec));

    [Fact]
    public void Check_refuses_an_assertion_that_would_take_too_long_to_prove()
    {
        var scenario = ClusterScenario.Of(new(4_000, 1, 20));
        var metadata = new Metadata(Name.Parse("wide"), scenario.GroupOf(0).Tenant);
        var wide = new AssertionDocument(metadata, AssertionMode.Never, [], [], [new InlineService(ServicePort.Parse("tcp/23"))]);
        var narrow = wide with { Metadata = metadata with { Name = Name.Parse("narrow") }, To = [new GroupPeer(scenario.GroupOf(3))] };
        var state = StateValidator.Validate(new Revision(1), scenario.Documents.With(wide).With(narrow)).State!; // made to be sound

        Assert.Equal(
            ["cluster/Assertion/wide spec: too wide to be proven among so many groups and rules; allowed: narrower from or to; several assertions in place of one"],
            AssertionCheck.Check(state).Where(e => e.Path == "spec").Select(e => e.ToString()));
    }

    [Fact]
    public void Check_is_not_needed_after_changes_that_decide_nothing()
    {
        var host = new HostDocument(new(Name.Parse("h1"), Tenants.System), null, [new(PortName.Parse("br0"), [])]);
        var service = new ServiceDocument(new(Name.Parse("s"), Tenants.Default), [ServicePort.Any], false);

        Assert.False(AssertionCheck.Concerns(DocumentChanges.Of(DocumentSet.Empty, [host], [])));
        Assert.True(AssertionCheck.Concerns(DocumentChanges.Of(DocumentSet.Empty, [host, service], [])));
    }

    private static IEnumerable<string> Check(string spec)
    {
        var read = DocumentReader.ReadYaml(Shop + "  " + spec + "\n", "set.yaml");
        var result = StateValidator.Validate(new Revision(1), read);
        Assert.Empty(result.Errors.Select(e => e.ToString()));
        return AssertionCheck.Check(result.State!, read.Sources).Select(e => e.ToString()); // no errors
    }
}
