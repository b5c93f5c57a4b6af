using System.Globalization;
using System.Text.Json;
using Osc.Controller.Configuration;
using Xunit;

namespace Osc.Controller.Tests.Api;

public sealed class ExplainTests : IAsyncLifetime
{
    private const string WebToDb = """{"from":"shop/web-1","to":"shop/db-1","service":"tcp/5432"}""";

    private readonly ManualTime time = new();
    private TestController controller = null!; // set before each test

    public async ValueTask InitializeAsync()
    {
        controller = await TestController.StartAsync(time: time);
        await ApplyAsync(TestDocuments.Shop, "the shop opens");
        time.Advance(TimeSpan.FromHours(1));
    }

    public ValueTask DisposeAsync() => controller.DisposeAsync();

    [Fact]
    public async Task Explain_says_rules_groups_and_the_flows_of_both_hosts()
    {
        var answer = await ExplainAsync();
        Assert.Equal(1, answer.GetProperty("revision").GetInt64());
        Assert.Equal("members[0]: selector app = web", answer.GetProperty("groups").GetProperty("source")[0].GetProperty("by")[0].GetString());
        foreach (var (side, host, table) in new[] { ("out", "h1", "OutApplication"), ("in", "h2", "InApplication") })
        {
            var explained = answer.GetProperty(side);
            Assert.Equal(host, explained.GetProperty("host").GetString());
            Assert.Equal("counts", explained.GetProperty("tiers")[0].GetProperty("rules")[0].GetProperty("outcome").GetString());
            var flows = explained.GetProperty("flows").EnumerateArray().Select(f => $"{f.GetProperty("for").GetString()} {f.GetProperty("tableName").GetString()}").ToList();
            Assert.Equal(["source Identify", "destination Identify"], flows[..2]);
            Assert.Contains("rule " + table, flows);
        }
    }

    [Fact]
    public async Task Explain_names_the_default_flow_where_the_default_decides()
    {
        var flows = (await ExplainAsync(question: WebToDb.Replace("5432", "22"))).GetProperty("out").GetProperty("flows").EnumerateArray().ToList();
        Assert.Equal("default OutDefault", $"{flows[^1].GetProperty("for").GetString()} {flows[^1].GetProperty("tableName").GetString()}");
    }

    [Fact]
    public async Task Explain_names_the_change_that_made_the_rule_what_it_is()
    {
        await ApplyAsync(TestDocuments.Service("dns", "udp/53"), "nothing to do with it");
        await ApplyAsync(Policy("tcp/5432-5433"), "the new database listens on two ports");
        await ApplyAsync(Policy("tcp/5432-5433", "{ name: more, from: [ web ], action: drop }"), "another rule");
        var origin = (await ExplainAsync()).GetProperty("out").GetProperty("origin");
        Assert.Equal((3, "admin", "the new database listens on two ports", false),
            (origin.GetProperty("revision").GetInt32(), origin.GetProperty("actor").GetString(), origin.GetProperty("reason").GetString(), origin.GetProperty("isOlder").GetBoolean()));
        var record = (await controller.GetAsync("/api/v1/audit?revision=3&kind=Policy")).Json.GetProperty("items")[0];
        Assert.Equal(record.GetProperty("sequence").GetInt64(), origin.GetProperty("audit").GetInt64());
    }

    [Fact]
    public async Task Explain_answers_as_of_a_revision_or_a_time()
    {
        var before = time.GetUtcNow();
        time.Advance(TimeSpan.FromHours(1));
        await ApplyAsync(Policy("tcp/1"), "closed");
        await controller.SendAsync(HttpMethod.Delete, "/api/v1/shop/policy/app", Role.Admin);
        foreach (var at in new[] { "1", before.ToString("o", CultureInfo.InvariantCulture), before.ToString("s", CultureInfo.InvariantCulture) })
        {
            var then = await ExplainAsync(Uri.EscapeDataString(at));
            Assert.Equal((1, "allow"), (then.GetProperty("revision").GetInt32(), then.GetProperty("verdict").GetString()));
            Assert.Equal(1, then.GetProperty("in").GetProperty("origin").GetProperty("revision").GetInt32());
            Assert.False(then.GetProperty("in").TryGetProperty("flows", out _));
        }

        Assert.Equal("drop", (await ExplainAsync("2")).GetProperty("verdict").GetString());
        Assert.Equal("shop/app/web-to-db", (await ExplainAsync("2", WebToDb.Replace("5432", "1"))).GetProperty("out").GetProperty("rule").GetString());
        Assert.Equal(3, (await ExplainAsync("2030-01-01T00:00:00Z")).GetProperty("revision").GetInt32());
    }

    [Theory]
    [InlineData("at=0", "at: there is no revision 0; 1 to 1")]
    [InlineData("at=2", "at: there is no revision 2; 1 to 1")]
    [InlineData("at=1999-01-01", "at: there was no revision yet at 1999-01-01")]
    [InlineData("at=yesterday", "at: 'yesterday' is neither a revision nor a time; a revision's number, or a time: 2026-11-01T12:00:00Z")]
    [InlineData("all=some", "all: 'some' is neither; true, false")]
    public async Task Wrong_parameter_is_told(string query, string error)
    {
        var answer = await controller.SendAsync(HttpMethod.Post, "/api/v1/explain?" + query, Role.Viewer, WebToDb, "application/json");
        Assert.Equal(400, answer.Status);
        Assert.Equal([error], answer.Errors);
    }

    [Fact]
    public async Task Reach_answers_sets_of_pairs_and_services_as_of_then()
    {
        await ApplyAsync(Policy("tcp/1"), "closed");
        foreach (var (query, services) in new[] { ("", "tcp/1"), ("?at=1", "tcp/5432") })
        {
            var answer = await controller.SendAsync(HttpMethod.Post, "/api/v1/reach" + query, Role.Viewer, """{"from":"shop/web","to":"shop/db"}""", "application/json");
            Assert.Equal(200, answer.Status);
            Assert.Equal(services, answer.Json.GetProperty("vrfs")[0].GetProperty("everyPair").GetString());
            Assert.Equal(answer.Json.GetProperty("revision").ToString(), answer.Headers["Osc-Revision"]);
        }

        var refused = await controller.SendAsync(HttpMethod.Post, "/api/v1/reach", Role.Viewer, """{"from":"shop/none","to":"shop/db"}""", "application/json");
        Assert.Equal(422, refused.Status);
        Assert.Equal(["from: there is no group 'shop/none'; tenant/group, or a range"], refused.Errors);
    }

    [Fact]
    public async Task Plan_says_what_is_newly_allowed_and_dropped_and_apply_does_not()
    {
        var planned = await controller.SendAsync(HttpMethod.Post, "/api/v1/plan", Role.Viewer, Policy("tcp/1"));
        var effects = planned.Json.GetProperty("effects");
        Assert.Equal(("shop/web", "tcp/1"), (effects.GetProperty("allowed")[0].GetProperty("sources").GetProperty("names")[0].GetString(), effects.GetProperty("allowed")[0].GetProperty("services").GetString()));
        Assert.Equal(("tcp/5432", "cut"), (effects.GetProperty("dropped")[0].GetProperty("services").GetString(), effects.GetProperty("dropped")[0].GetProperty("openConnections").GetString()));
        Assert.False((await controller.ApplyAsync(Policy("tcp/1"))).Json.TryGetProperty("effects", out _));
    }

    private async Task<JsonElement> ExplainAsync(string? at = null, string question = WebToDb)
    {
        var answer = await controller.SendAsync(HttpMethod.Post, "/api/v1/explain" + (at is null ? "" : "?at=" + at), Role.Viewer, question, "application/json");
        Assert.Equal(200, answer.Status);
        return answer.Json;
    }

    private async Task ApplyAsync(string yaml, string reason)
    {
        var applied = await controller.SendAsync(HttpMethod.Post, "/api/v1/apply", Role.Admin, yaml, headers: "Osc-Reason: " + reason);
        Assert.Equal(200, applied.Status);
    }

    private static string Policy(string service, string more = "") => $$"""
        apiVersion: osc/v1
        kind: Policy
        metadata: { name: app, tenant: shop }
        spec: { rules: [ { name: web-to-db, from: [ web ], to: [ db ], services: [ {{service}} ], action: allow }{{(more.Length > 0 ? ", " : "")}}{{more}} ] }
        """;
}
