using Osc.Policy.Compile;
using Osc.Policy.Documents;
using Osc.Policy.Validation;
using Xunit;

namespace Osc.Policy.Tests.Compile;

public sealed class ChainLintsTests
{
    private const string StopsThere = "hop ips of chain shop/both is out of reach of br-int of host h2, which stops what it should inspect";
    private const string PassesThere = "hop waf of chain shop/both is out of reach of br-int of host h2, which passes it by";

    [Theory]
    [InlineData("", "", StopsThere, PassesThere)]
    [InlineData("", ", tunnels: [ { host: h1, port: t1 } ]", StopsThere, PassesThere)] // there, but not back
    [InlineData(", tunnels: [ { host: h2, port: t2 } ]", ", tunnels: [ { host: h1, port: t1 } ]")]
    public void Hop_that_a_host_cannot_reach_is_told(string tunnels1, string tunnels2, params string[] expected)
    {
        var read = DocumentReader.ReadYaml($$"""
            { apiVersion: osc/v1, kind: Host, metadata: { name: h1, tenant: system }, spec: { bridges: [ { name: br-int{{tunnels1}} } ] } }
            ---
            { apiVersion: osc/v1, kind: Host, metadata: { name: h2, tenant: system }, spec: { bridges: [ { name: br-int{{tunnels2}} } ] } }
            ---
            { apiVersion: osc/v1, kind: Network, metadata: { name: front, tenant: shop }, spec: { vlan: 10, subnets: [ 10.9.0.0/24 ] } }
            ---
            apiVersion: osc/v1
            kind: Workload
            metadata: { name: near, tenant: shop }
            spec: { interfaces: [ { name: eth0, mac: "02:00:00:00:00:01", addresses: [ 10.9.0.1 ], network: front, attachment: { host: h1, port: p1 } } ] }
            ---
            apiVersion: osc/v1
            kind: Workload
            metadata: { name: far, tenant: shop }
            spec: { interfaces: [ { name: eth0, mac: "02:00:00:00:00:02", addresses: [ 10.9.0.2 ], network: front, attachment: { host: h2, port: p2 } } ] }
            ---
            apiVersion: osc/v1
            kind: InspectionChain
            metadata: { name: both, tenant: shop }
            spec:
              hops:
                - { name: ips, ingress: { host: h1, port: ips-in }, egress: { host: h1, port: ips-out } }
                - { name: waf, ingress: { host: h1, port: waf-in }, egress: { host: h1, port: waf-out }, onFailure: open }
            ---
            apiVersion: osc/v1
            kind: Policy
            metadata: { name: inspected, tenant: shop }
            spec: { rules: [ { name: web, services: [ tcp/80 ], action: inspect, chain: both } ] }
            """, "chains.yaml");
        var state = StateValidator.Validate(default, read).State;

        Assert.NotNull(state);
        Assert.Equal(expected, ChainLints.Of(state));
    }
}
