using Osc.Controller.Configuration;
using Osc.Controller.Identities;
using Osc.Model;
using Osc.Model.Documents;
using Xunit;

namespace Osc.Controller.Tests.Api;

/// <summary>What somebody of the tenant shop learns of, and may do to, the bank.</summary>
public sealed class ConfinementTests : IAsyncLifetime
{
    private static readonly string Viewer = TestController.SecretInShop(Role.Viewer);
    private static readonly string Editor = TestController.SecretInShop(Role.Editor);

    /// <summary>A workload of the bank's in the shop's address space, and a policy of the platform's that stands in everybody's.</summary>
    private const string Shared = """
        apiVersion: osc/v1
        kind: Network
        metadata: { name: vault-in-shop, tenant: bank }
        spec: { vlan: 67, vrf: shop/default, subnets: [ 10.9.7.0/24 ] }
        ---
        apiVersion: osc/v1
        kind: Workload
        metadata: { name: vault-2, tenant: bank }
        spec:
          interfaces:
            - { name: eth0, mac: "02:00:00:00:66:02", addresses: [ 10.9.7.1 ], network: vault-in-shop, attachment: { host: h1, port: vif67 } }
        ---
        apiVersion: osc/v1
        kind: Workload
        metadata: { name: vault-3, tenant: bank }
        spec:
          interfaces:
            - { name: eth0, mac: "02:00:00:00:66:03", addresses: [ 10.9.7.2 ], network: vault-in-shop, attachment: { host: h1, port: vif68 } }
        ---
        apiVersion: osc/v1
        kind: Policy
        metadata: { name: platform, tenant: system }
        spec: { tier: infrastructure, rules: [ { name: ping, services: [ icmp ], action: allow } ] }
        """;

    private TestController controller = null!; // set before each test

    public async ValueTask InitializeAsync()
    {
        controller = await TestController.StartAsync();
        foreach (var documents in new[] { TestDocuments.Shop, TestDocuments.Bank, Shared })
        {
            Assert.Equal(200, (await controller.ApplyAsync(documents)).Status);
        }
    }

    public ValueTask DisposeAsync() => controller.DisposeAsync();

    [Fact]
    public async Task Explain_says_of_the_others_side_only_what_a_try_would_show()
    {
        var answer = await ExplainAsync("""{"from":"shop/web-1","to":"10.9.7.1","service":"tcp/443"}""");
        Assert.Equal(200, answer.Status);
        Assert.Equal(["workload", "action", "rule"], answer.Json.GetProperty("in").EnumerateObject().Select(p => p.Name));
        Assert.Equal("(another tenant's)", answer.Json.GetProperty("in").GetProperty("workload").GetString());
        Assert.Equal("shop/web-1", answer.Json.GetProperty("out").GetProperty("workload").GetString());
        Assert.DoesNotContain("vault", answer.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"from":"bank/vault-1","to":"shop/web-1","service":"tcp/443"}""")]
    [InlineData("""{"from":"shop/web-1","to":"bank/vault-2","service":"tcp/443"}""")]
    [InlineData("""{"from":"shop/web-1","to":"bank/no-such-workload","service":"tcp/443"}""")]
    [InlineData("""{"from":"10.9.7.1","to":"10.9.7.2","service":"tcp/443","vrf":"shop/default"}""")]
    [InlineData("""{"vrf":"shop/default","source":"10.9.7.1","destination":"10.9.7.2","protocol":"tcp","destinationPort":1}""")]
    [InlineData("""{"vrf":"bank/default","source":"10.66.0.1","destination":"10.66.0.2","protocol":"tcp","destinationPort":1}""")]
    [InlineData("""{"vrf":"bank/no-such-vrf","source":"10.66.0.1","destination":"10.66.0.2","protocol":"tcp","destinationPort":1}""")]
    public async Task Explain_of_others_alone_is_refused_alike(string question)
    {
        var answer = await ExplainAsync(question);
        Assert.Equal((403, "read access to all of the tenant of one end, and of what the question names, is missing"), (answer.Status, answer.Json.GetProperty("detail").GetString()));
    }

    [Fact]
    public async Task Explain_withholds_the_platforms_rule_from_who_may_not_read_it()
    {
        const string question = """{"from":"shop/web-1","to":"shop/db-1","service":"icmp"}""";
        var side = (await ExplainAsync(question)).Json.GetProperty("out");
        Assert.Equal(("allow", "(another tenant's)"), (side.GetProperty("action").GetString(), side.GetProperty("rule").GetString()));
        Assert.False(side.TryGetProperty("origin", out _));
        Assert.Equal("system/platform/ping", (await controller.SendAsync(HttpMethod.Post, "/api/v1/explain", Role.Viewer, question, "application/json")).Json.GetProperty("out").GetProperty("rule").GetString());
    }

    [Fact]
    public async Task Name_of_another_tenant_is_refused_alike_whether_it_is_there_or_not()
    {
        var there = await PutPolicyAsync("bank/vault");
        var nowhere = await PutPolicyAsync("bank/no-such");
        var noTenant = await PutPolicyAsync("nobody/no-such");
        Assert.Equal(422, there.Status);
        Assert.Equal(there.Errors, nowhere.Errors);
        Assert.Equal(there.Errors, noTenant.Errors);
        Assert.Equal(["shop/Policy/probe spec.rules[0].from[0]: this leads to something of another tenant that is not there, not shared, or in the way"], there.Errors);
    }

    [Fact]
    public async Task Change_that_another_tenants_document_forbids_does_not_say_which()
    {
        const string shared = """{"apiVersion":"osc/v1","kind":"SecurityGroup","metadata":{"name":"cdn","tenant":"shop"},"spec":{"members":[{"cidr":"192.0.2.0/24"}],"shared":true}}""";
        const string user = """{"apiVersion":"osc/v1","kind":"SecurityGroup","metadata":{"name":"vault-peers","tenant":"bank"},"spec":{"members":[{"group":"shop/cdn"}]}}""";
        Assert.Equal(200, (await controller.SendAsync(HttpMethod.Post, "/api/v1/apply", Role.Admin, $"[{shared},{user}]", "application/json")).Status);
        var refused = await controller.AskAsync(HttpMethod.Delete, "/api/v1/shop/securitygroup/cdn", Editor);
        Assert.Equal(422, refused.Status);
        Assert.Equal([": what another tenant's documents say would not hold any more"], refused.Errors.Select(e => ": " + e.TrimStart(' ', ':')));
    }

    [Fact]
    public async Task Plan_speaks_of_the_readers_own_address_spaces_and_hosts_alone()
    {
        const string open = """{"apiVersion":"osc/v1","kind":"Policy","metadata":{"name":"open","tenant":"shop"},"spec":{"rules":[{"name":"all","action":"allow"}]}}""";
        var plan = await controller.AskAsync(HttpMethod.Post, "/api/v1/plan", Viewer, open, "application/json");
        Assert.Equal(200, plan.Status);
        Assert.NotEqual(0, plan.Json.GetProperty("effects").GetProperty("allowed").GetArrayLength());
        Assert.Equal(0, plan.Json.GetProperty("hosts").GetArrayLength());
        Assert.DoesNotContain("vault", plan.Text, StringComparison.Ordinal);
        var unconfined = await controller.SendAsync(HttpMethod.Post, "/api/v1/plan", Role.Viewer, open, "application/json");
        Assert.Equal(2, unconfined.Json.GetProperty("hosts").GetArrayLength());
    }

    [Theory]
    [InlineData("Network", """{"vlan":66,"vrf":"bank/default"}""")]
    [InlineData("Host", """{"bridges":[{"name":"br-int"}]}""")]
    [InlineData("Workload", """{"interfaces":[{"name":"eth0","mac":"02:00:00:00:00:09","addresses":["10.9.0.9"],"network":"front","attachment":{"host":"h1","port":"vif66"}}]}""")]
    [InlineData("Cloud", """{"type":"static"}""")]
    [InlineData("InspectionChain", """{"hops":[{"name":"x","ingress":{"host":"h1","port":"vif66"},"egress":{"host":"h1","port":"vif67"}}]}""")]
    [InlineData("Tenant", """{"defaultAction":"allow"}""")]
    public async Task Editor_of_a_tenant_cannot_reach_beyond_it_by_inventory(string kind, string spec)
    {
        var document = $$"""{"apiVersion":"osc/v1","kind":"{{kind}}","metadata":{"name":"bank","tenant":"shop"},"spec":{{spec}}}""";
        Assert.Equal(403, (await controller.AskAsync(HttpMethod.Post, "/api/v1/apply", Editor, document, "application/json")).Status);
        Assert.Equal(403, (await controller.AskAsync(HttpMethod.Put, $"/api/v1/shop/{kind}/bank", Editor, document, "application/json")).Status);
    }

    [Fact]
    public async Task One_foreign_document_refuses_the_whole_change_and_is_recorded()
    {
        var answer = await controller.AskAsync(HttpMethod.Post, "/api/v1/apply", Editor, $"{TestDocuments.Service("mine", "tcp/1")}\n---\n{TestDocuments.Service("theirs", "tcp/1").Replace("shop", "bank", StringComparison.Ordinal)}");
        Assert.Equal(403, answer.Status);
        Assert.Equal(["bank/Service/theirs : no write access to it is granted"], answer.Errors);
        Assert.Equal(404, (await controller.GetAsync("/api/v1/shop/service/mine")).Status);
        var records = (await controller.GetAsync("/api/v1/audit?action=request.refused&actor=editor-of-shop")).Json.GetProperty("items");
        Assert.Equal("403 POST /api/v1/apply", records[0].GetProperty("outcome").GetString());
    }

    [Fact]
    public async Task Revisions_are_those_of_the_readers_tenants_with_the_count_of_theirs()
    {
        Assert.Equal(200, (await controller.ApplyAsync($"{TestDocuments.Service("mine", "tcp/1")}\n---\n{TestDocuments.Service("theirs", "tcp/1").Replace("shop", "bank", StringComparison.Ordinal)}")).Status);
        Assert.Equal(200, (await controller.SendAsync(HttpMethod.Delete, "/api/v1/shop/service/mine", Role.Admin)).Status);
        var shown = (await controller.AskAsync(HttpMethod.Get, "/api/v1/revisions", Viewer)).Json.GetProperty("items").EnumerateArray();
        Assert.Equal([(5, 1), (4, 1), (1, 6)], shown.Select(r => (r.GetProperty("revision").GetInt32(), r.GetProperty("changes").GetInt32())));
    }

    [Theory]
    [InlineData("shop", "shop", true)]
    [InlineData("shop", "shop-a", false)]
    [InlineData("shop-*", "shop-a", true)]
    [InlineData("shop-*", "shop", false)]
    [InlineData("*", "anything", true)]
    [InlineData("*-prod", "a-b-prod", true)]
    [InlineData("*-prod", "a-prod-b", false)]
    [InlineData("a*b*c", "a-b-b-c", true)]
    [InlineData("a*b*c", "a-c-b", false)]
    public void Pattern_matches_names(string pattern, string name, bool matches) => Assert.Equal(matches, Pattern(pattern).Matches(Name.Parse(name)));

    [Theory]
    [InlineData("*", "shop-*", true)]
    [InlineData("shop-*", "shop-a*", true)]
    [InlineData("shop-*", "shop-*", true)]
    [InlineData("shop-*", "shop*", false)]
    [InlineData("shop-a", "shop-*", false)]
    [InlineData("*a", "*b*a", true)]
    [InlineData("a*", "*a", false)]
    public void Pattern_covers_a_pattern(string pattern, string other, bool covers) => Assert.Equal(covers, Pattern(pattern).Covers(Pattern(other)));

    [Fact]
    public void Grant_that_covers_another_allows_all_that_it_allows()
    {
        var scopes = new[] { null, "shop", "shop-*", "*" };
        Kind[]?[] kinds = [null, [Kind.Policy], [Kind.Network], [Kind.Policy, Kind.Network], [Kind.Tenant]];
        Grant[] grants =
        [
            .. from role in Enum.GetValues<Role>() from tenants in scopes from of in kinds from names in new[] { null, "a*" }
               select new Grant(role, new() { Tenants = tenants is null ? null : [Pattern(tenants)], Kinds = of?.ToValueList(), Names = names is null ? null : [Pattern(names)] }),
        ];
        DocumentKey[] keys = [.. from tenant in new[] { "shop", "shop-a", "bank" } from kind in Enum.GetValues<Kind>() from name in new[] { "shop", "a", "b" } select new DocumentKey(Name.Parse(tenant), kind, Name.Parse(name))];
        var covered = 0;
        foreach (var (one, other) in grants.SelectMany(g => grants.Select(o => (g, o))).Where(p => p.g.Covers(p.o)))
        {
            covered++;
            foreach (var access in Enum.GetValues<Access>())
            {
                Assert.True(!other.AllowsEverything(access) || one.AllowsEverything(access), $"{one} covers {other}");
                Assert.DoesNotContain(keys, k => other.Allows(access, k) && !one.Allows(access, k));
            }
        }

        Assert.True(covered > grants.Length);
    }

    private static NamePattern Pattern(string text) => NamePattern.TryParse(text, out var pattern) ? pattern : throw new ArgumentException(text);

    private Task<Answer> ExplainAsync(string question) => controller.AskAsync(HttpMethod.Post, "/api/v1/explain", Viewer, question, "application/json");

    private Task<Answer> PutPolicyAsync(string group) => controller.AskAsync(
        HttpMethod.Put, "/api/v1/shop/policy/probe", Editor,
        $$$"""{"apiVersion":"osc/v1","kind":"Policy","metadata":{"name":"probe","tenant":"shop"},"spec":{"rules":[{"name":"r","from":["{{{group}}}"],"action":"allow"}]}}""", "application/json");
}
