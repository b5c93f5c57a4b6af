using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy.Documents;
using Osc.Policy.Validation;
using Xunit;

namespace Osc.Policy.Tests.Validation;

/// <summary>What bad-documents.txt cannot show: sets that are sound, sets without text, and sets that are large.</summary>
public sealed class StateValidatorTests
{
    [Fact]
    public void Validator_gives_a_state_of_the_revision_when_the_set_is_empty()
    {
        var result = StateValidator.Validate(new Revision(7), DocumentSet.Empty);

        Assert.Equal(new Revision(7), result.State?.Revision);
        Assert.Empty(result.Errors);
    }

    [Fact]
    public void Validator_lets_system_name_what_is_another_tenants_and_not_shared()
    {
        AssertSound("""
            apiVersion: osc/v1
            kind: Network
            metadata: { name: front, tenant: shop }
            ---
            apiVersion: osc/v1
            kind: Workload
            metadata: { name: web-1, tenant: shop }
            spec: { interfaces: [ { name: a, mac: "02:00:00:00:00:01", network: front } ] }
            ---
            apiVersion: osc/v1
            kind: SecurityGroup
            metadata: { name: web, tenant: shop }
            spec: { members: [ { network: front } ] }
            ---
            apiVersion: osc/v1
            kind: Service
            metadata: { name: http, tenant: shop }
            spec: { ports: [ tcp/80 ] }
            ---
            apiVersion: osc/v1
            kind: SecurityGroup
            metadata: { name: all, tenant: system }
            spec: { members: [ { group: shop/web }, { workload: shop/web-1 }, { network: shop/front }, { cidr: 10.0.0.0/8, network: shop/front } ] }
            ---
            apiVersion: osc/v1
            kind: Policy
            metadata: { name: p, tenant: system }
            spec: { appliedTo: [ shop/web ], rules: [ { name: r, from: [ all ], to: [ shop/web ], services: [ shop/http ], action: allow } ] }
            """);
    }

    [Fact]
    public void Validator_takes_repeated_addresses_ports_and_segments_where_they_are_apart()
    {
        AssertSound("""
            apiVersion: osc/v1
            kind: Host
            metadata: { name: h1 }
            spec: { bridges: [ { name: br0 }, { name: br1 } ] }
            ---
            apiVersion: osc/v1
            kind: Host
            metadata: { name: h2 }
            spec: { bridges: [ { name: br0 } ] }
            ---
            apiVersion: osc/v1
            kind: Network
            metadata: { name: n, tenant: red }
            spec: { vlan: 5, subnets: [ 10.0.0.0/24 ] }
            ---
            apiVersion: osc/v1
            kind: Network
            metadata: { name: n, tenant: blue }
            spec: { vlan: 5, subnets: [ 10.0.0.0/24 ] }
            ---
            apiVersion: osc/v1
            kind: Network
            metadata: { name: overlay, tenant: blue }
            spec: { vni: 5, vrf: other, subnets: [ 10.0.0.0/24 ] }
            ---
            apiVersion: osc/v1
            kind: Workload
            metadata: { name: w, tenant: red }
            spec:
              interfaces:
                - { name: a, mac: "02:00:00:00:00:01", network: n, addresses: [ 10.0.0.1 ], attachment: { host: h1, port: vif1.0 } }
                - { name: b, mac: "02:00:00:00:00:02", network: n, addresses: [ 10.0.0.2 ], attachment: { host: h2, port: vif1.0 } }
                - { name: c, mac: "02:00:00:00:00:03", network: n, addresses: [ 10.0.0.3 ] }
            ---
            apiVersion: osc/v1
            kind: Workload
            metadata: { name: w, tenant: blue }
            spec:
              interfaces:
                - { name: a, mac: "02:00:00:00:00:01", network: n, addresses: [ 10.0.0.1 ], attachment: { host: h1, bridge: br1, port: vif2.0 } }
                - { name: b, mac: "02:00:00:00:00:01", network: overlay, addresses: [ 10.0.0.1 ], attachment: { host: h1, bridge: br0, port: vif3.0 } }
            """);
    }

    [Fact]
    public void Validator_counts_exactly_to_a_quota()
    {
        const string services = """
            apiVersion: osc/v1
            kind: Service
            metadata: { name: a, tenant: shop }
            spec: { ports: [ any ] }
            ---
            apiVersion: osc/v1
            kind: Service
            metadata: { name: b, tenant: shop }
            spec: { ports: [ any ] }
            ---
            apiVersion: osc/v1
            kind: Tenant
            metadata: { name: shop }
            spec: { quotas: { services: QUOTA } }
            """;

        AssertSound(services.Replace("QUOTA", "2"));
        Assert.Equal("spec.quotas.services", Assert.Single(Validate(services.Replace("QUOTA", "1")).Errors).Path);
    }

    [Fact]
    public void Validator_names_documents_without_places_when_they_came_from_no_text()
    {
        var group = new SecurityGroupDocument(new(Name.Parse("web"), Name.Parse("shop")), [new GroupClause(QualifiedName.Parse("shop/web"))], [], Shared: false);

        var error = Assert.Single(StateValidator.Validate(new Revision(1), DocumentSet.Of([group])).Errors);

        Assert.Null(error.Position);
        Assert.Equal("shop/SecurityGroup/web spec.members[0].group: the group contains itself: shop/web -> shop/web; allowed: groups that do not lead back", error.ToString());
    }

    [Theory]
    [InlineData(32, true)]
    [InlineData(33, false)]
    [InlineData(50_000, false)]
    public void Validator_takes_groups_within_each_other_up_to_the_bound(int depth, bool isTaken)
    {
        var result = StateValidator.Validate(new Revision(1), DocumentSet.Of(ChainOfGroups(depth)));

        Assert.Equal(isTaken, result.State is not null);
        Assert.Equal(isTaken ? [] : ["33 groups lie within each other here"], result.Errors.Select(e => e.Message));
    }

    [Fact]
    public void Validator_finds_a_circle_of_fifty_thousand_groups_without_running_out_of_stack()
    {
        var groups = ChainOfGroups(50_000).ToArray();
        groups[0] = groups[0] with { Members = [new GroupClause(groups[^1].QualifiedName)] };

        var error = Assert.Single(StateValidator.Validate(new Revision(1), DocumentSet.Of(groups)).Errors);

        Assert.StartsWith("the group contains itself: shop/g0 -> shop/g49999 -> shop/g49998", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Validator_reports_each_of_two_circles()
    {
        AssertErrors(
            [
                "the group contains itself: default/a -> default/b -> default/a",
                "the group contains itself: default/c -> default/c",
            ],
            """
            apiVersion: osc/v1
            kind: SecurityGroup
            metadata: { name: a }
            spec: { members: [ { group: b } ] }
            ---
            apiVersion: osc/v1
            kind: SecurityGroup
            metadata: { name: b }
            spec: { members: [ { group: a }, { group: c } ] }
            ---
            apiVersion: osc/v1
            kind: SecurityGroup
            metadata: { name: c }
            spec: { members: [ { cidr: 10.0.0.0/8 } ], except: [ { group: c } ] }
            """);
    }

    private static StateResult Validate(string yaml) => StateValidator.Validate(new Revision(1), DocumentReader.ReadYaml(yaml, "set.yaml"));

    private static void AssertSound(string yaml) => AssertErrors([], yaml);

    private static void AssertErrors(string[] messages, string yaml) => Assert.Equal(messages, Validate(yaml).Errors.Select(e => e.Message));

    private static IEnumerable<SecurityGroupDocument> ChainOfGroups(int count) => Enumerable.Range(0, count).Select(i => new SecurityGroupDocument(
        new(Name.Parse($"g{i}"), Name.Parse("shop")),
        i == 0 ? [new CidrClause(Prefix.AllIPv4, null)] : [new GroupClause(QualifiedName.Parse($"shop/g{i - 1}"))],
        [],
        Shared: false));
}
