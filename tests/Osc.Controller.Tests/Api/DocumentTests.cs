using Osc.Controller.Configuration;
using Xunit;

namespace Osc.Controller.Tests.Api;

public sealed class DocumentTests : IAsyncLifetime
{
    private TestController controller = null!; // set before each test

    public async ValueTask InitializeAsync()
    {
        controller = await TestController.StartAsync();
        Assert.Equal(200, (await controller.ApplyAsync(TestDocuments.Shop)).Status);
    }

    public ValueTask DisposeAsync() => controller.DisposeAsync();

    [Fact]
    public async Task Put_creates_then_updates_then_leaves_alone()
    {
        var created = await PutAsync("dns", "udp/53");
        Assert.Equal((201, "created", 2), (created.Status, ChangeOf(created), RevisionOf(created)));
        var updated = await PutAsync("dns", "tcp/53");
        Assert.Equal((200, "updated", 3), (updated.Status, ChangeOf(updated), RevisionOf(updated)));
        var same = await PutAsync("dns", "tcp/53");
        Assert.Equal((200, "unchanged", 3), (same.Status, ChangeOf(same), RevisionOf(same)));
        Assert.Equal("3", same.Headers["Osc-Revision"]);
        Assert.Equal(updated.Headers["ETag"], same.Headers["ETag"]);
        Assert.NotEqual(created.Headers["ETag"], same.Headers["ETag"]);
    }

    [Theory]
    [InlineData("securitygroup")]
    [InlineData("securitygroups")]
    [InlineData("SecurityGroup")]
    [InlineData("SECURITYGROUPS")]
    public async Task Kind_is_taken_in_any_case_and_in_the_plural(string kind)
    {
        Assert.Equal(200, (await controller.GetAsync($"/api/v1/shop/{kind}/web")).Status);
        Assert.Equal(2, (await controller.GetAsync($"/api/v1/shop/{kind}")).Json.GetProperty("items").GetArrayLength());
    }

    [Fact]
    public async Task Get_gives_json_or_yaml_and_both_can_be_put_back()
    {
        var json = await controller.GetAsync("/api/v1/shop/policy/app");
        var yaml = await controller.GetAsync("/api/v1/shop/policy/app", accept: "application/yaml");
        Assert.Equal(("application/json", "application/yaml"), (json.Type, yaml.Type));
        Assert.Equal(json.Headers["ETag"], yaml.Headers["ETag"]);
        foreach (var (body, type) in new[] { (json.Text, json.Type), (yaml.Text, yaml.Type) })
        {
            var put = await controller.SendAsync(HttpMethod.Put, "/api/v1/shop/policy/app", Role.Editor, body, type);
            Assert.Equal((200, "unchanged"), (put.Status, ChangeOf(put)));
        }
    }

    [Fact]
    public async Task Get_of_a_known_document_is_not_modified()
    {
        var tag = (await controller.GetAsync("/api/v1/shop/policy/app")).Headers["ETag"];
        var again = await controller.SendAsync(HttpMethod.Get, "/api/v1/shop/policy/app", Role.Viewer, headers: $"If-None-Match: {tag}");
        Assert.Equal((304, ""), (again.Status, again.Text));
    }

    [Fact]
    public async Task Put_holds_only_if_the_document_is_as_expected()
    {
        var first = await PutAsync("dns", "udp/53", "If-None-Match: *");
        Assert.Equal(201, first.Status);
        var again = await PutAsync("dns", "udp/54", "If-None-Match: *");
        Assert.Equal((412, "urn:osc:problem:precondition-failed"), (again.Status, again.Json.GetProperty("type").GetString()));
        Assert.Equal(412, (await PutAsync("dns", "udp/54", "If-Match: \"0123\"")).Status);
        Assert.Equal(200, (await PutAsync("dns", "udp/54", $"If-Match: {first.Headers["ETag"]}")).Status);
        Assert.Equal(412, (await PutAsync("dns", "udp/55", $"If-Match: {first.Headers["ETag"]}")).Status);
        Assert.Equal(200, (await PutAsync("dns", "udp/55", "If-Match: *")).Status);
        Assert.Equal(412, (await PutAsync("none", "udp/55", "If-Match: *")).Status);
        Assert.Equal(404, (await controller.GetAsync("/api/v1/shop/service/none")).Status);
    }

    [Fact]
    public async Task Two_writers_that_saw_the_same_document_do_not_overwrite_each_other()
    {
        var tag = (await PutAsync("dns", "udp/53")).Headers["ETag"];
        var answers = await Task.WhenAll(Enumerable.Range(1, 20).Select(i => PutAsync("dns", $"udp/{i}", $"If-Match: {tag}")));
        Assert.Single(answers, a => a.Status == 200);
        Assert.Equal(19, answers.Count(a => a.Status == 412));
    }

    [Fact]
    public async Task Delete_of_what_others_need_is_refused_and_changes_nothing()
    {
        var refused = await controller.SendAsync(HttpMethod.Delete, "/api/v1/shop/securitygroup/web", Role.Editor);
        Assert.Equal(422, refused.Status);
        Assert.Contains(refused.Errors, e => e.StartsWith("shop/Policy/app spec.rules[0].from[0]: ", StringComparison.Ordinal));
        Assert.Equal(200, (await controller.GetAsync("/api/v1/shop/securitygroup/web")).Status);
        Assert.Equal(200, (await controller.SendAsync(HttpMethod.Delete, "/api/v1/shop/policy/app", Role.Editor)).Status);
        Assert.Equal(200, (await controller.SendAsync(HttpMethod.Delete, "/api/v1/shop/securitygroup/web", Role.Editor)).Status);
        Assert.Equal(404, (await controller.GetAsync("/api/v1/shop/securitygroup/web")).Status);
    }

    [Fact]
    public async Task Apply_is_all_or_nothing()
    {
        var body = TestDocuments.Service("good", "tcp/1") + "\n---\n" + TestDocuments.Service("bad", "tcp/99999");
        var refused = await controller.ApplyAsync(body);
        Assert.Equal(422, refused.Status);
        Assert.Equal(404, (await controller.GetAsync("/api/v1/shop/service/good")).Status);
        Assert.Equal("1", (await controller.GetAsync("/api/v1/documents")).Headers["Osc-Revision"]);
    }

    [Theory]
    [InlineData("/api/v1/plan")]
    [InlineData("/api/v1/apply?dryRun=true")]
    public async Task Dry_run_says_what_would_be_and_changes_nothing(string path)
    {
        var policy = "apiVersion: osc/v1\nkind: Policy\nmetadata: { name: app, tenant: shop }\nspec: { rules: [] }";
        var before = (await controller.GetAsync("/api/v1/audit")).Text;
        var planned = await controller.SendAsync(HttpMethod.Post, path, Role.Admin, policy);
        Assert.Equal((200, 2, true), (planned.Status, RevisionOf(planned), planned.Json.GetProperty("dryRun").GetBoolean()));
        Assert.Equal("1", (await controller.GetAsync("/api/v1/documents")).Headers["Osc-Revision"]);
        Assert.Equal(before, (await controller.GetAsync("/api/v1/audit")).Text);

        var applied = await controller.ApplyAsync(policy);
        Assert.Equal(planned.Json.GetProperty("hosts").ToString(), applied.Json.GetProperty("hosts").ToString());
        Assert.True(applied.Json.GetProperty("hosts").GetArrayLength() > 0);
    }

    [Fact]
    public async Task Apply_of_what_is_not_enforced_yet_is_refused_plainly()
    {
        var refused = await controller.ApplyAsync("apiVersion: osc/v1\nkind: SecurityGroup\nmetadata: { name: pay, tenant: shop }\nspec: { members: [ { fqdn: \"*.pay.example.com\" } ] }\n---\n"
            + "apiVersion: osc/v1\nkind: Policy\nmetadata: { name: wild, tenant: shop }\nspec: { rules: [ { name: r, to: [ pay ], action: allow } ] }");
        Assert.Equal(422, refused.Status);
        Assert.StartsWith("shop/SecurityGroup/pay spec.members[0].fqdn: DNS has no answer for '*.pay.example.com', and policy shop/wild needs its addresses", Assert.Single(refused.Errors), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Apply_after_which_an_assertion_does_not_hold_is_refused_with_a_counterexample()
    {
        const string closed = "apiVersion: osc/v1\nkind: Assertion\nmetadata: { name: closed, tenant: shop }\nspec: { never: { from: [ web ], to: [ db ], services: [ tcp/22 ] } }\n";
        Assert.Equal(200, (await controller.ApplyAsync(closed)).Status);

        const string open = "apiVersion: osc/v1\nkind: Policy\nmetadata: { name: ssh, tenant: shop }\nspec: { rules: [ { name: any, services: [ tcp/20-30 ], action: allow } ] }\n";
        var refused = await controller.ApplyAsync(open);
        Assert.Equal(422, refused.Status);
        Assert.Equal(["shop/Assertion/closed spec.never: does not hold: shop/default: 10.9.0.1 -> 10.9.0.2 tcp/22 passes: out shop/ssh/any, in shop/ssh/any; policies that let no such connection pass"], refused.Errors);
        Assert.Equal(404, (await controller.GetAsync("/api/v1/shop/policy/ssh")).Status);

        // A plan says what would come of it.
        var planned = await controller.SendAsync(HttpMethod.Post, "/api/v1/plan", Role.Viewer, open);
        Assert.Equal("shop/closed", planned.Json.GetProperty("effects").GetProperty("brokenAssertions")[0].GetProperty("assertion").GetString());
        Assert.Equal(200, (await controller.SendAsync(HttpMethod.Delete, "/api/v1/shop/assertion/closed", Role.Admin)).Status);
    }

    [Fact]
    public async Task List_goes_through_all_documents_page_by_page()
    {
        var seen = new List<string>();
        string? cursor = null;
        do
        {
            var page = (await controller.GetAsync($"/api/v1/documents?limit=3{(cursor is null ? "" : "&cursor=" + cursor)}")).Json;
            seen.AddRange(page.GetProperty("items").EnumerateArray().Select(d => $"{d.GetProperty("metadata").GetProperty("tenant")}/{d.GetProperty("kind")}/{d.GetProperty("metadata").GetProperty("name")}"));
            cursor = page.GetProperty("next").GetString();
        }
        while (cursor is not null);
        Assert.Equal(TestDocuments.ShopCount, seen.Count);
        Assert.Equal(TestDocuments.ShopCount, seen.Distinct().Count());
        Assert.Equal("shop/Network/front", seen[0]);
        Assert.Equal("system/Host/h2", seen[^1]);
    }

    [Theory]
    [InlineData("/api/v1/documents?kind=hosts", 2)]
    [InlineData("/api/v1/documents?tenant=shop&kind=workload", 2)]
    [InlineData("/api/v1/documents?tenant=nobody", 0)]
    [InlineData("/api/v1/shop/workloads?selector=app%20%3D%20web", 1)]
    [InlineData("/api/v1/shop/workloads?selector=app%20in%20(web,db)", 2)]
    [InlineData("/api/v1/documents?selector=!app", 6)]
    public async Task List_is_filtered(string path, int count) =>
        Assert.Equal(count, (await controller.GetAsync(path)).Json.GetProperty("items").GetArrayLength());

    [Fact]
    public async Task Revision_keeps_the_documents_as_they_were()
    {
        await PutAsync("dns", "udp/53");
        await controller.SendAsync(HttpMethod.Delete, "/api/v1/shop/policy/app", Role.Admin, headers: "Osc-Reason: not needed any more");
        var revisions = (await controller.GetAsync("/api/v1/revisions")).Json.GetProperty("items").EnumerateArray().ToList();
        Assert.Equal([3, 2, 1], revisions.Select(r => r.GetProperty("revision").GetInt32()));
        Assert.Equal(("admin", "not needed any more", 1), (revisions[0].GetProperty("actor").GetString(), revisions[0].GetProperty("reason").GetString(), revisions[0].GetProperty("changes").GetInt32()));
        var counts = await Task.WhenAll(Enumerable.Range(1, 3).Select(CountAtAsync));
        Assert.Equal([TestDocuments.ShopCount, TestDocuments.ShopCount + 1, TestDocuments.ShopCount], counts);
        var page = (await controller.GetAsync("/api/v1/revisions?limit=2")).Json;
        var rest = (await controller.GetAsync($"/api/v1/revisions?limit=2&cursor={page.GetProperty("next").GetString()}")).Json;
        Assert.Equal(1, rest.GetProperty("items")[0].GetProperty("revision").GetInt32());
    }

    [Theory]
    [InlineData("""{"from":"shop/web-1","to":"shop/db-1","service":"tcp/5432"}""", "allow")]
    [InlineData("""{"from":"shop/web-1/eth0","to":"10.9.0.2","service":"tcp/5432"}""", "allow")]
    [InlineData("""{"from":"shop/db-1","to":"shop/web-1","service":"tcp/5432"}""", "drop")]
    [InlineData("""{"vrf":"shop/default","source":"10.9.0.1","destination":"10.9.0.2","protocol":6,"destinationPort":5432}""", "allow")]
    [InlineData("""{"vrf":"shop/default","source":"10.9.0.1","destination":"10.9.0.2","protocol":"tcp","destinationPort":22}""", "drop")]
    public async Task Explain_answers_by_ends_and_by_fields(string question, string verdict)
    {
        var answer = await controller.SendAsync(HttpMethod.Post, "/api/v1/explain", Role.Viewer, question, "application/json");
        Assert.Equal((200, verdict), (answer.Status, answer.Json.GetProperty("verdict").GetString()));
        var side = answer.Json.GetProperty("out");
        Assert.Equal(verdict == "allow" ? "shop/app/web-to-db" : "default", side.GetProperty("rule").GetString());
    }

    private async Task<int> CountAtAsync(int revision) =>
        (await controller.GetAsync($"/api/v1/revisions/{revision}/documents")).Json.GetProperty("items").GetArrayLength();

    private Task<Answer> PutAsync(string name, string port, params string[] headers) =>
        controller.SendAsync(HttpMethod.Put, $"/api/v1/shop/service/{name}", Role.Editor, TestDocuments.Service(name, port), headers: headers);

    private static string? ChangeOf(Answer answer) => answer.Json.GetProperty("changes")[0].GetProperty("change").GetString();

    private static int RevisionOf(Answer answer) => answer.Json.GetProperty("revision").GetInt32();
}
