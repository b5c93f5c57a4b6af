using Osc.Bus;
using Osc.Bus.InMemory;
using Osc.Controller.Loop;
using Osc.Model;
using Xunit;

namespace Osc.Controller.Tests.Traffic;

/// <summary>From an agent's report on the bus to the answers of the API.</summary>
public sealed class TrafficTests : IAsyncDisposable
{
    private const string Rule = "shop/app/web-to-db";

    private readonly InMemoryBus bus = new();
    private readonly CancellationTokenSource patience = new(TimeSpan.FromSeconds(60));
    private TestController? controller;
    private IAgentBus? agent;
    private IAsyncEnumerator<Decoded<ControllerMessage>>? mail;

    public async ValueTask DisposeAsync()
    {
        if (mail is not null)
        {
            await mail.DisposeAsync();
        }

        await (agent?.DisposeAsync() ?? ValueTask.CompletedTask);
        await (controller?.DisposeAsync() ?? ValueTask.CompletedTask);
        patience.Dispose();
    }

    [Fact]
    public async Task Report_is_added_once_and_answered_as_often_as_it_comes()
    {
        await StartAsync();
        var report = Report(1, hits: 12, records: 5);
        await SendAsync(report);
        await SendAsync(report);

        var rule = Item(await controller!.GetAsync($"/api/v1/traffic/rules?rule={Rule}"));
        Assert.Equal((12, 720, 7), (rule.GetProperty("hits").GetInt32(), rule.GetProperty("bytes").GetInt32(), rule.GetProperty("unreported").GetInt32()));
        Assert.Equal("h1", rule.GetProperty("sides")[0].GetProperty("host").GetString());

        var connections = (await controller.GetAsync("/api/v1/traffic/connections?limit=2")).Json;
        Assert.Equal(2, connections.GetProperty("items").GetArrayLength());
        var first = connections.GetProperty("items")[0];
        Assert.Equal(("10.9.0.1", "10.9.0.2", "tcp", 5432, "allow", Rule), (
            first.GetProperty("source").GetString(), first.GetProperty("destination").GetString(), first.GetProperty("protocol").GetString(),
            first.GetProperty("destinationPort").GetInt32(), first.GetProperty("action").GetString(), first.GetProperty("rule").GetString()));
        var rest = (await controller.GetAsync($"/api/v1/traffic/connections?cursor={connections.GetProperty("next").GetString()}")).Json;
        Assert.Equal(3, rest.GetProperty("items").GetArrayLength());

        var lines = await controller.GetAsync("/api/v1/traffic/connections?tenant=shop", accept: "application/x-ndjson");
        Assert.Equal(5, lines.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Empty((await controller.GetAsync("/api/v1/traffic/connections?tenant=sho")).Json.GetProperty("items").EnumerateArray());

        var talker = Item(await controller.GetAsync("/api/v1/traffic/talkers?by=pair"));
        Assert.Equal(5, talker.GetProperty("connections").GetInt32());
        Assert.Equal("SpoofGuard", Item(await controller.GetAsync("/api/v1/traffic/drops?host=h1")).GetProperty("table").GetString());

        var metrics = (await controller.GetAsync("/metrics")).Text;
        Assert.Contains($"# TYPE osc_rule_hits_total counter\nosc_rule_hits_total{{rule=\"{Rule}\"}} 12\n", metrics, StringComparison.Ordinal);
        Assert.Contains("osc_connections_unreported_total 7\n", metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rules_that_were_never_hit_are_told()
    {
        await StartAsync();
        Assert.Equal(Rule, Item(await controller!.GetAsync("/api/v1/traffic/rules?neverHit=true")).GetProperty("rule").GetString());

        await SendAsync(Report(1, hits: 1, records: 0));

        Assert.Empty((await controller.GetAsync("/api/v1/traffic/rules?neverHit=true")).Json.GetProperty("items").EnumerateArray());
    }

    [Fact]
    public async Task Report_of_a_series_begun_anew_is_added_too()
    {
        await StartAsync();
        await SendAsync(Report(5, hits: 2, records: 0));
        await SendAsync(Report(4, hits: 100, records: 0));
        await SendAsync(Report(1, hits: 3, records: 0) with { Source = "b" });

        Assert.Equal(5, Item(await controller!.GetAsync("/api/v1/traffic/rules")).GetProperty("hits").GetInt32());
    }

    [Theory]
    [InlineData("/api/v1/traffic/rules?neverHit=maybe")]
    [InlineData("/api/v1/traffic/connections?from=yesterday")]
    [InlineData("/api/v1/traffic/connections?source=web-1")]
    [InlineData("/api/v1/traffic/talkers?by=colour")]
    public async Task Wrong_parameter_is_refused(string path)
    {
        controller = await TestController.StartAsync(bus);
        Assert.Equal(400, (await controller.GetAsync(path)).Status);
    }

    private async Task StartAsync()
    {
        controller = await TestController.StartAsync(bus);
        Assert.Equal(200, (await controller.ApplyAsync(TestDocuments.Shop)).Status);
        agent = bus.Agent(Name.Parse("h1"));
    }

    private TrafficReport Report(long sequence, int hits, int records)
    {
        var revision = controller!.Get<PolicyLoop>().Current.Revision.Number;
        var number = controller.Get<PolicyLoop>().NumberingOf(Name.Parse("h1"))!.Rules[Rule];
        var time = DateTimeOffset.UtcNow;
        var record = new LoggedConnection(time, number, revision, TrafficSide.Out, "10.9.0.1", "10.9.0.2", IpProtocol.Tcp, 40000, 5432, null, null, 74);
        return new("a", sequence, time, [new(number, revision, TrafficSide.Out, true, hits, hits * 60)], [new("SpoofGuard", 3, 180)], [.. Enumerable.Repeat(record, records)]);
    }

    private async Task SendAsync(TrafficReport report)
    {
        await agent!.TrySendAsync(new() { Host = "h1", Traffic = report }, patience.Token);
        mail ??= agent.ReceiveAsync(patience.Token).GetAsyncEnumerator(patience.Token);
        do
        {
            Assert.True(await mail.MoveNextAsync());
        }
        while (mail.Current.Message?.TrafficTaken is not { } taken || (taken.Source, taken.Sequence) != (report.Source, report.Sequence));
    }

    private static System.Text.Json.JsonElement Item(Answer answer) => Assert.Single(answer.Json.GetProperty("items").EnumerateArray());
}
