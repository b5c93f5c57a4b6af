using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Osc.Audit;
using Osc.Controller.Configuration;
using Osc.Store;
using Xunit;

namespace Osc.Controller.Tests.Api;

public sealed class AuditStreamTests(ShopFixture shop) : IClassFixture<ShopFixture>
{
    private const int TimeoutMilliseconds = 60_000;

    private readonly TestController controller = shop.Controller;

    [Fact]
    public async Task Csv_has_every_record_and_no_formula()
    {
        controller.Get<PolicyStore>().AppendAudit([new()
        {
            Time = DateTimeOffset.UnixEpoch,
            Actor = "=cmd|' /C calc'!A0",
            Action = "test.csv",
            Reason = "says \"no\", twice\nthen goes",
            Outcome = AuditRecord.Ok,
        }]);

        var answer = await controller.GetAsync("/api/v1/audit?action=test.csv", Role.Auditor, "text/csv");

        Assert.Equal("text/csv", answer.Type);
        Assert.Matches(
            "^sequence,time,actor,address,requestId,action,tenant,kind,name,revision,reason,outcome,before,after\r\n[0-9]+,1970-01-01T00:00:00.000000Z,'=cmd\\|' /C calc'!A0,,,test.csv,,,,0,\"says \"\"no\"\", twice\nthen goes\",ok,,\r\n$",
            answer.Text);
    }

    [Theory]
    [InlineData("application/x-ndjson", @"^\{""sequence"":([0-9]+),")]
    [InlineData("text/csv", @"^sequence,.*\r\n([0-9]+),")]
    public async Task Export_is_recorded_and_ends_before_its_record(string type, string newest)
    {
        var export = await controller.GetAsync("/api/v1/audit?order=desc", Role.Auditor, type);

        var record = controller.Get<PolicyStore>().QueryAudit(new() { Action = AuditAction.AuditExport, Limit = 1 }).Items.Single();
        Assert.Equal(("auditor", "127.0.0.1", export.Headers["Osc-Request-Id"]), (record.Actor, record.Address, record.RequestId));
        using var after = JsonDocument.Parse(record.After!);
        Assert.Equal((type, "?order=desc", record.Sequence - 1), (after.RootElement.GetProperty("type").GetString(), after.RootElement.GetProperty("query").GetString(), after.RootElement.GetProperty("last").GetInt64()));
        Assert.Equal(record.Sequence - 1, long.Parse(Regex.Match(export.Text, newest).Groups[1].Value, CultureInfo.InvariantCulture));
    }

    [Theory]
    [InlineData("by=kind&revision=1&action=document.create", "Host 2")]
    [InlineData("by=actor&revision=1", "admin 9")]
    [InlineData("by=tenant&revision=1&kind=policy", "shop 1")]
    [InlineData("by=action&revision=1", "document.create 8")]
    [InlineData("by=action&revision=1&text=vif1", "document.create 1")]
    public async Task Records_are_counted(string query, string first)
    {
        var item = (await controller.GetAsync("/api/v1/audit/counts?" + query)).Json.GetProperty("items")[0];

        Assert.Equal(first, $"{item.GetProperty("value").GetString()} {item.GetProperty("records").GetInt64()}");
    }

    [Fact]
    public async Task Days_are_counted_and_other_ways_refused()
    {
        var days = (await controller.GetAsync("/api/v1/audit/counts?by=day&revision=1")).Json.GetProperty("items");
        Assert.Matches("^[0-9]{4}-[0-9]{2}-[0-9]{2}$", Assert.Single(days.EnumerateArray()).GetProperty("value").GetString());

        Assert.Equal("by: records are not counted by 'mood'; day, actor, action, tenant, kind", Assert.Single((await controller.GetAsync("/api/v1/audit/counts?by=mood")).Errors));
        Assert.Equal(400, (await controller.GetAsync("/api/v1/audit/counts")).Status);
        Assert.Equal(400, (await controller.GetAsync("/api/v1/audit/counts?by=1")).Status);
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task Tail_begins_where_it_is_told_and_goes_on_as_records_come()
    {
        var store = controller.Get<PolicyStore>();
        var first = store.AppendAudit([Record("one")]);
        using var http = new HttpClient { BaseAddress = new(controller.App.Urls.Single()) };
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/audit/tail?action=test.tail&limit=3");
        request.Headers.Authorization = new("Bearer", TestController.SecretOf(Role.Auditor));
        request.Headers.Add("Last-Event-ID", (first - 1).ToString(System.Globalization.CultureInfo.InvariantCulture));
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        using var text = new StreamReader(await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken), Encoding.UTF8);

        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal((first, "one"), await NextAsync(text));
        var second = store.AppendAudit([Record("two") with { After = "{\n}" }]);
        Assert.Equal((second, "two"), await NextAsync(text));
        store.AppendAudit([Record("another") with { Action = "test.other" }]);
        var third = store.AppendAudit([Record("three")]);
        Assert.Equal((third, "three"), await NextAsync(text));
        Assert.Empty((await text.ReadToEndAsync(TestContext.Current.CancellationToken)).Trim('\n', ':'));
    }

    [Fact]
    public async Task Tail_after_what_is_no_record_is_refused() =>
        Assert.Equal("after: 'x' is no record's number; a number", Assert.Single((await controller.GetAsync("/api/v1/audit/tail?after=x")).Errors));

    private static AuditRecord Record(string actor) => new() { Time = DateTimeOffset.UnixEpoch, Actor = actor, Action = "test.tail", Outcome = AuditRecord.Ok };

    /// <summary>The next event, read as the HTML standard says.</summary>
    private static async Task<(long Id, string Actor)> NextAsync(StreamReader text)
    {
        var (id, data) = ("", new List<string>());
        while (await text.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            if (line.Length == 0 && data.Count > 0)
            {
                var record = AuditJson.Read(Encoding.UTF8.GetBytes(string.Join('\n', data)));
                Assert.Equal(id, record.Sequence.ToString(System.Globalization.CultureInfo.InvariantCulture));
                return (record.Sequence, record.Actor);
            }

            id = line.StartsWith("id: ", StringComparison.Ordinal) ? line[4..] : id;
            if (line.StartsWith("data: ", StringComparison.Ordinal))
            {
                data.Add(line[6..]);
            }
        }

        throw new EndOfStreamException();
    }
}
