using Osc.Controller.Configuration;
using Xunit;

namespace Osc.Controller.Tests.Api;

/// <summary>A tenant that asks for four eyes: alice proposes, bob agrees.</summary>
public sealed class FourEyesTests : IAsyncLifetime
{
    private const string Tenant = """{"apiVersion":"osc/v1","kind":"Tenant","metadata":{"name":"shop","tenant":"shop"},"spec":{"approvals":1}}""";

    private static readonly string Proposed = TestDocuments.Service("dns", "udp/53");

    private TestController controller = null!; // set before each test
    private string alice = "";
    private string bob = "";

    public async ValueTask InitializeAsync()
    {
        controller = await TestController.StartAsync();
        Assert.Equal(200, (await controller.ApplyAsync(TestDocuments.Shop)).Status);
        Assert.Equal(200, (await controller.SendAsync(HttpMethod.Post, "/api/v1/apply", Role.Admin, Tenant, "application/json")).Status);
        (alice, bob) = (await TokenAsync("alice", "editor"), await TokenAsync("bob", "approver"));
    }

    public ValueTask DisposeAsync() => controller.DisposeAsync();

    [Fact]
    public async Task Change_without_approval_is_refused_whoever_makes_it_and_however()
    {
        foreach (var secret in new[] { alice, TestController.SecretOf(Role.Admin) })
        {
            var put = await controller.AskAsync(HttpMethod.Put, "/api/v1/shop/service/dns", secret, Proposed);
            Assert.Equal((409, "tenant shop asks for 1 person beside the author to agree to a change: propose it (POST /api/v1/proposals, osc propose)"), (put.Status, put.Json.GetProperty("detail").GetString()));
            Assert.Equal(409, (await controller.AskAsync(HttpMethod.Post, "/api/v1/apply", secret, Proposed)).Status);
            Assert.Equal(409, (await controller.AskAsync(HttpMethod.Delete, "/api/v1/shop/policy/app", secret)).Status);
            Assert.Equal(200, (await controller.AskAsync(HttpMethod.Post, "/api/v1/apply", secret, TestDocuments.Shop)).Status); // changes nothing
        }

        Assert.Equal("2", await RevisionAsync());
    }

    [Fact]
    public async Task Nobody_switches_the_approvals_off_alone()
    {
        Assert.Equal(409, (await controller.SendAsync(HttpMethod.Delete, "/api/v1/shop/tenant/shop", Role.Admin)).Status);
        var off = Tenant.Replace("\"approvals\":1", "\"approvals\":0", StringComparison.Ordinal);
        Assert.Equal(409, (await controller.SendAsync(HttpMethod.Post, "/api/v1/apply", Role.Admin, off, "application/json")).Status);
        var elsewhere = off.Replace("\"tenant\":\"shop\"", "\"tenant\":\"system\"", StringComparison.Ordinal);
        Assert.Equal(422, (await controller.SendAsync(HttpMethod.Post, "/api/v1/apply", Role.Admin, elsewhere, "application/json")).Status);
    }

    [Fact]
    public async Task Approved_proposal_is_made_exactly_as_it_was_shown()
    {
        var proposed = await ProposeAsync(Proposed, "?delete=shop/policy/app");
        Assert.Equal((201, "open", "alice"), (proposed.Status, proposed.Json.GetProperty("state").GetString(), proposed.Json.GetProperty("proposer").GetString()));
        Assert.Equal(["shop/Service/dns created", "shop/Policy/app deleted"], proposed.Json.GetProperty("plan").GetProperty("changes").EnumerateArray().Select(c => $"{c.GetProperty("document").GetString()} {c.GetProperty("change").GetString()}"));
        Assert.NotEqual(0, proposed.Json.GetProperty("plan").GetProperty("effects").GetProperty("dropped").GetArrayLength());
        Assert.Equal("2", await RevisionAsync());
        var approved = await ApproveAsync(bob);
        Assert.Equal((200, "applied", 3), (approved.Status, approved.Json.GetProperty("state").GetString(), approved.Json.GetProperty("revision").GetInt32()));
        Assert.Equal(200, (await controller.GetAsync("/api/v1/shop/service/dns")).Status);
        Assert.Equal(404, (await controller.GetAsync("/api/v1/shop/policy/app")).Status);
        var records = (await controller.GetAsync("/api/v1/audit?tenant=shop&order=asc&limit=1000")).Json.GetProperty("items").EnumerateArray().Skip(7);
        Assert.Equal(
            ["alice proposal.make TICKET-17", "bob document.create proposal 1 by alice: TICKET-17", "bob document.delete proposal 1 by alice: TICKET-17"],
            records.Select(r => $"{r.GetProperty("actor").GetString()} {r.GetProperty("action").GetString()} {r.GetProperty("reason").GetString()}"));
        var applied = (await controller.GetAsync("/api/v1/audit?action=proposal.apply")).Json.GetProperty("items")[0];
        Assert.Equal("""{"approvals":["bob"]}""", applied.GetProperty("after").GetRawText());
    }

    [Fact]
    public async Task Proposal_that_changes_nothing_is_refused()
    {
        var nothing = await ProposeAsync(TestDocuments.Shop);
        Assert.Equal((409, "all documents are as proposed already: there is nothing to agree to"), (nothing.Status, nothing.Json.GetProperty("detail").GetString()));
        Assert.Equal(0, (await controller.GetAsync("/api/v1/proposals?state=all")).Json.GetProperty("items").GetArrayLength());
    }

    [Fact]
    public async Task Proposer_does_not_agree_to_his_own_proposal_under_any_name()
    {
        var admin = await TokenAsync("carol", "admin");
        var other = await controller.AskAsync(HttpMethod.Post, "/api/v1/auth/tokens", admin, """{"name":"dave","grants":[{"role":"approver"}]}""", "application/json");
        Assert.Equal(201, (await controller.AskAsync(HttpMethod.Post, "/api/v1/proposals", admin, Proposed)).Status);
        var self = await ApproveAsync(admin);
        Assert.Equal((403, "who proposes a change does not agree to it"), (self.Status, self.Json.GetProperty("detail").GetString()));
        var sock = await ApproveAsync(other.Json.GetProperty("secret").GetString()!);
        Assert.Equal((403, "one of the two tokens was made with the other"), (sock.Status, sock.Json.GetProperty("detail").GetString()));
        Assert.Equal(200, (await ApproveAsync(bob)).Status);
    }

    [Fact]
    public async Task Editor_and_approver_of_another_tenant_do_not_agree()
    {
        await ProposeAsync(Proposed);
        Assert.Equal(403, (await ApproveAsync(alice)).Status);
        var ofBank = await controller.SendAsync(HttpMethod.Post, "/api/v1/auth/tokens", Role.Admin, """{"name":"eve","grants":[{"role":"approver","tenants":["bank"]}]}""", "application/json");
        Assert.Equal(404, (await ApproveAsync(ofBank.Json.GetProperty("secret").GetString()!)).Status);
        Assert.Equal("2", await RevisionAsync());
    }

    [Fact]
    public async Task Proposal_that_means_something_else_by_now_is_not_made()
    {
        var change = TestDocuments.Service("dns", "tcp/53");
        await ProposeAsync(Proposed);
        Assert.Equal(201, (await controller.AskAsync(HttpMethod.Post, "/api/v1/proposals", alice, change)).Status);
        Assert.Equal(200, (await ApproveAsync(bob)).Status);
        var second = await ApproveAsync(bob, 2);
        Assert.Equal((409, "what was proposed means something else by now; nothing was changed: propose it anew"), (second.Status, second.Json.GetProperty("detail").GetString()));
        Assert.Equal("3", await RevisionAsync());
    }

    [Fact]
    public async Task Proposal_whose_effects_changed_by_another_document_is_not_made()
    {
        // The rule lets in whoever is in the group, and the group grows meanwhile by the platform's doing.
        await ProposeAsync("""
            apiVersion: osc/v1
            kind: Policy
            metadata: { name: more, tenant: shop }
            spec: { rules: [ { name: r, from: [ db ], to: [ web ], services: [ tcp/80 ], action: allow } ] }
            """);
        const string platform = """{"apiVersion":"osc/v1","kind":"Policy","metadata":{"name":"p","tenant":"system"},"spec":{"tier":"infrastructure","rules":[{"name":"r","services":["tcp/80"],"action":"drop"}]}}""";
        Assert.Equal(200, (await controller.SendAsync(HttpMethod.Post, "/api/v1/apply", Role.Admin, platform, "application/json")).Status);
        Assert.Equal(409, (await ApproveAsync(bob)).Status);
        Assert.Equal("3", await RevisionAsync());
    }

    [Fact]
    public async Task Change_that_has_nothing_to_do_with_a_proposal_does_not_hold_it_up()
    {
        await ProposeAsync(Proposed);
        Assert.Equal(200, (await controller.ApplyAsync(TestDocuments.Bank)).Status);
        Assert.Equal(200, (await ApproveAsync(bob)).Status);
        Assert.Equal("4", await RevisionAsync());
    }

    [Fact]
    public async Task Two_persons_have_to_agree_where_two_are_asked_for()
    {
        await ProposeAsync(Tenant.Replace(":1}", ":2}", StringComparison.Ordinal), json: true);
        Assert.Equal(200, (await ApproveAsync(bob)).Status);
        await ProposeAsync(Proposed);
        var first = await ApproveAsync(bob, 2);
        Assert.Equal((200, "open"), (first.Status, first.Json.GetProperty("state").GetString()));
        Assert.Equal(403, (await ApproveAsync(bob, 2)).Status);
        await controller.RestartAsync();
        var second = await ApproveAsync(await TokenAsync("carol", "approver"), 2);
        Assert.Equal((200, "applied"), (second.Status, second.Json.GetProperty("state").GetString()));
        Assert.Equal(["bob", "carol"], second.Json.GetProperty("approvals").EnumerateArray().Select(a => a.GetString()));
    }

    [Fact]
    public async Task Rejected_proposal_is_not_made_and_its_author_may_take_it_back()
    {
        await ProposeAsync(Proposed);
        await ProposeAsync(TestDocuments.Service("web", "tcp/80"));
        Assert.Equal(200, (await controller.AskAsync(HttpMethod.Post, "/api/v1/proposals/1/reject", bob)).Status);
        Assert.Equal(200, (await controller.AskAsync(HttpMethod.Post, "/api/v1/proposals/2/reject", alice)).Status);
        Assert.Equal(409, (await ApproveAsync(bob)).Status);
        Assert.Equal(0, (await controller.GetAsync("/api/v1/proposals")).Json.GetProperty("items").GetArrayLength());
        Assert.Equal([2, 1], (await controller.GetAsync("/api/v1/proposals?state=rejected")).Json.GetProperty("items").EnumerateArray().Select(p => p.GetProperty("id").GetInt32()));
    }

    [Fact]
    public async Task Of_many_approvals_at_once_one_makes_the_change()
    {
        await ProposeAsync(Proposed);
        var others = new List<string>();
        for (var i = 0; i < 8; i++)
        {
            others.Add(await TokenAsync($"approver-{i}", "approver"));
        }

        var answers = await Task.WhenAll(others.Select(secret => ApproveAsync(secret)));
        Assert.Equal(1, answers.Count(a => a.Status == 200));
        Assert.Equal(7, answers.Count(a => a.Status == 409));
        Assert.Equal("3", await RevisionAsync());
    }

    private async Task<string> TokenAsync(string name, string role)
    {
        var made = await controller.SendAsync(HttpMethod.Post, "/api/v1/auth/tokens", Role.Admin, $$"""{"name":"{{name}}","grants":[{"role":"{{role}}"}]}""", "application/json");
        return made.Json.GetProperty("secret").GetString() ?? "";
    }

    private Task<Answer> ProposeAsync(string documents, string query = "", bool json = false) =>
        controller.AskAsync(HttpMethod.Post, "/api/v1/proposals" + query, alice, documents, json ? "application/json" : "application/yaml", headers: "Osc-Reason: TICKET-17");

    private Task<Answer> ApproveAsync(string secret, int id = 1) => controller.AskAsync(HttpMethod.Post, $"/api/v1/proposals/{id}/approve", secret);

    private async Task<string> RevisionAsync() => (await controller.GetAsync("/api/v1/documents?limit=1")).Headers["Osc-Revision"];
}
