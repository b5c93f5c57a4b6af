using System.Text.Json;
using Osc.Controller.Configuration;
using Xunit;

namespace Osc.Controller.Tests.Api;

public sealed class AuditTests(ShopFixture shop) : IClassFixture<ShopFixture>
{
    private readonly TestController controller = shop.Controller;

    [Fact]
    public async Task Change_is_recorded_with_who_why_where_and_both_documents()
    {
        await using var controller = await TestController.StartAsync();
        Assert.Equal(200, (await controller.ApplyAsync(TestDocuments.Shop)).Status);
        var put = await controller.SendAsync(HttpMethod.Put, "/api/v1/shop/service/dns", Role.Editor, TestDocuments.Service("dns", "udp/53"), headers: "Osc-Reason: names are needed: Zürich");
        await controller.SendAsync(HttpMethod.Put, "/api/v1/shop/service/dns", Role.Editor, TestDocuments.Service("dns", "tcp/53"));
        var records = (await controller.GetAsync("/api/v1/audit?name=dns&kind=services&tenant=shop&order=asc")).Json.GetProperty("items");
        Assert.Equal(["document.create", "document.update"], records.EnumerateArray().Select(r => r.GetProperty("action").GetString()));
        var created = records[0];
        Assert.Equal(("editor", "127.0.0.1", "names are needed: Zürich", "ok", 2), (Text(created, "actor"), Text(created, "address"), Text(created, "reason"), Text(created, "outcome"), created.GetProperty("revision").GetInt32()));
        Assert.Equal(put.Headers["Osc-Request-Id"], Text(created, "requestId"));
        Assert.Equal(JsonValueKind.Null, created.GetProperty("before").ValueKind);
        Assert.Equal("udp/53", records[1].GetProperty("before").GetProperty("spec").GetProperty("ports")[0].GetString());
        Assert.Equal("tcp/53", records[1].GetProperty("after").GetProperty("spec").GetProperty("ports")[0].GetString());
    }

    [Fact]
    public async Task Pages_and_lines_give_the_same_records()
    {
        var paged = new List<string>();
        string? cursor = null;
        do
        {
            var page = (await controller.GetAsync($"/api/v1/audit?limit=4{(cursor is null ? "" : "&cursor=" + cursor)}")).Json;
            paged.AddRange(page.GetProperty("items").EnumerateArray().Select(r => r.GetRawText()));
            cursor = page.GetProperty("next").GetString();
        }
        while (cursor is not null);

        var lines = await controller.GetAsync("/api/v1/audit", Role.Auditor, "application/x-ndjson");
        Assert.Equal("application/x-ndjson", lines.Type);
        Assert.Equal(paged, lines.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(TestDocuments.ShopCount + 1 + Enum.GetValues<Role>().Length, paged.Count);
        var two = await controller.GetAsync($"/api/v1/audit?limit=2&to=2999-01-01T00:00:00Z&action=document.create", Role.Auditor, "application/x-ndjson");
        Assert.Equal(paged.Where(l => l.Contains("document.create", StringComparison.Ordinal)).Take(2), two.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Theory]
    [InlineData("action=rollout.start", 1)]
    [InlineData("actor=admin", 10)]
    [InlineData("actor=nobody", 0)]
    [InlineData("text=5432", 1)]
    [InlineData("text=vif1", 1)]
    [InlineData("kind=workload", 2)]
    [InlineData("revision=1", 9)]
    [InlineData("revision=2", 0)]
    [InlineData("to=2020-01-01T00:00:00Z", 0)]
    [InlineData("from=2020-01-01T00:00:00Z&revision=1", 9)]
    public async Task Query_filters(string query, int count) =>
        Assert.Equal(count, (await controller.GetAsync("/api/v1/audit?" + query)).Json.GetProperty("items").GetArrayLength());

    private static string? Text(JsonElement record, string field) => record.GetProperty(field).GetString();
}
