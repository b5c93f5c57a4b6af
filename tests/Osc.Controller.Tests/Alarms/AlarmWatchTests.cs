using System.Text.Json;
using Osc.Bus;
using Osc.Bus.InMemory;
using Osc.Controller.Alarms;
using Osc.Controller.Tests.Delivery;
using Osc.Store;
using Xunit;

namespace Osc.Controller.Tests.Alarms;

/// <summary>Alarms on a bus and a clock that the test has in hand. Host h1 is the one observed; what it said before is dealt with as soon as h2 gets an answer.</summary>
public sealed class AlarmWatchTests : IAsyncLifetime
{
    private const int TimeoutMilliseconds = 60_000;

    private readonly InMemoryBus bus = new();
    private readonly ManualTime time = new();
    private readonly TestAgent h1;
    private readonly TestAgent h2;
    private TestController controller = null!; // set before each test

    public AlarmWatchTests() => (h1, h2) = (new(bus, "h1", TestContext.Current.CancellationToken), new(bus, "h2", TestContext.Current.CancellationToken));

    public async ValueTask InitializeAsync()
    {
        controller = await TestController.StartAsync(bus, time);
        Assert.Equal(200, (await controller.ApplyAsync(TestDocuments.Shop)).Status);
    }

    public async ValueTask DisposeAsync()
    {
        await h1.DisposeAsync();
        await h2.DisposeAsync();
        await controller.DisposeAsync();
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task Agent_that_missed_its_heartbeats_is_an_alarm_until_it_is_heard_again()
    {
        var digest = await EnforceAsync();
        time.Advance(TimeSpan.FromSeconds(90));
        await SettleAsync();
        Assert.Empty(await AlarmsAsync());

        time.Advance(TimeSpan.FromSeconds(2));
        await SettleAsync();
        var alarm = Assert.Single(await AlarmsAsync());
        Assert.Equal(("h1", "agent-silent", "critical", time.GetUtcNow()), (Text(alarm, "host"), Text(alarm, "kind"), Text(alarm, "severity"), alarm.GetProperty("since").GetDateTimeOffset()));
        Assert.Equal("silent", Text(await HostAsync(), "state"));

        time.Advance(TimeSpan.FromSeconds(1));
        await h1.HeartbeatAsync(digest);
        await SettleAsync();
        Assert.Empty(await AlarmsAsync());
        Assert.Equal(time.GetUtcNow(), Assert.Single(await AlarmsAsync("?state=over")).GetProperty("cleared").GetDateTimeOffset());
        Assert.Equal(["alarm.raise", "alarm.clear"], Records().Select(r => r.Action));
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task Faults_that_an_agent_reports_are_alarms_as_long_as_it_reports_them()
    {
        var digest = await EnforceAsync();
        await h1.HeartbeatAsync(digest, new("switch-away", "br-int", "nobody listens"), new("port-name-contested", "br-int/x", "vif1 and vif2"), new("from-the-future", "", "new"));
        await SettleAsync();
        Assert.Equal(
            [("from-the-future", "warning"), ("port-name-contested", "warning"), ("switch-away", "critical")],
            (await AlarmsAsync()).Select(a => (Text(a, "kind"), Text(a, "severity"))).Order());
        var host = await HostAsync();
        Assert.Equal(("degraded", "nobody listens", "switch-away"), (Text(host, "state"), Text(host, "error"), Text(host.GetProperty("alarms")[0], "kind")));
        Assert.All(Records(), r => Assert.Equal(("agent/h1", "alarm.raise"), (r.Actor, r.Action)));

        await h1.HeartbeatAsync(digest, new Fault("port-name-contested", "br-int/x", "vif1, vif2 and vif3"));
        await SettleAsync();
        Assert.Equal("vif1, vif2 and vif3", Text(Assert.Single(await AlarmsAsync()), "detail"));
        Assert.Equal("enforcing", Text(await HostAsync(), "state"));
        Assert.Equal(2, Records().Count(r => r.Action == "alarm.clear"));
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task Flow_that_the_switch_refuses_is_named_until_the_flows_are_others()
    {
        await h1.HelloAsync();
        await h1.RefuseAsync(await h1.SnapshotAsync(), new("br-int", "table=0,priority=1,actions=drop", "OFPFMFC_TABLE_FULL"));
        await SettleAsync();
        var alarm = Assert.Single(await AlarmsAsync());
        Assert.Equal("update-refused", Text(alarm, "kind"));
        Assert.Contains("br-int: table=0,priority=1,actions=drop: OFPFMFC_TABLE_FULL", Text(alarm, "detail"), StringComparison.Ordinal);
        Assert.Equal("degraded", Text(await HostAsync(), "state"));

        Assert.Equal(200, (await controller.ApplyAsync(TestDocuments.Shop.Replace("port: vif1", "port: vif7", StringComparison.Ordinal))).Status);
        await h1.AckAsync(await h1.SnapshotAsync());
        await SettleAsync();
        Assert.Empty(await AlarmsAsync());
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task Ports_that_documents_do_not_agree_with_are_alarms_until_documents_or_ports_are_others()
    {
        await EnforceAsync();
        await h1.PortsWithoutAsync(["vif9"], new Port("vif1", 3, null, null, null, true, new(9, 0, "02:00:00:00:00:99", null)));
        await SettleAsync();
        Assert.Equal(["port-of-another-guest", "ports-unbound"], (await AlarmsAsync()).Select(a => Text(a, "kind")).Order());
        Assert.Equal("br-int/vif1", Text((await AlarmsAsync("?severity=warning"))[0], "subject"));

        Assert.Equal(200, (await controller.ApplyAsync(TestDocuments.Shop.Replace("02:00:00:00:00:01", "02:00:00:00:00:99", StringComparison.Ordinal))).Status);
        await SettleAsync();
        Assert.Equal("ports-unbound", Text(Assert.Single(await AlarmsAsync()), "kind"));

        await h1.PortsAsync(new Port("vif1", 3, null, null, null, true));
        await SettleAsync();
        Assert.Empty(await AlarmsAsync());
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task Host_whose_document_is_deleted_has_no_alarms()
    {
        var digest = await EnforceAsync();
        await h1.HeartbeatAsync(digest, new Fault("switch-away", "", "gone"));
        await SettleAsync();
        Assert.Single(await AlarmsAsync());
        foreach (var document in new[] { "shop/workload/web-1", "system/host/h1" })
        {
            Assert.Equal(200, (await controller.SendAsync(HttpMethod.Delete, $"/api/v1/{document}", Osc.Controller.Configuration.Role.Admin)).Status);
        }

        await SettleAsync();
        Assert.Empty(await AlarmsAsync());
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task Metrics_count_alarms_and_name_each_hosts_state()
    {
        var digest = await EnforceAsync();
        await h1.HeartbeatAsync(digest, new Fault("upcalls-lost", "dp", "19 of 20"));
        await SettleAsync();
        var metrics = (await controller.GetAsync("/metrics")).Text;
        Assert.Contains("osc_alarms{kind=\"upcalls-lost\",severity=\"critical\"} 1\n", metrics, StringComparison.Ordinal);
        Assert.Contains("osc_alarms{kind=\"agent-silent\",severity=\"critical\"} 0\n", metrics, StringComparison.Ordinal);
        Assert.Contains("osc_alarms_raised_total{kind=\"upcalls-lost\"} 1\n", metrics, StringComparison.Ordinal);
        Assert.Contains("osc_host_state{host=\"h1\",state=\"degraded\"} 1\n", metrics, StringComparison.Ordinal);
        Assert.DoesNotContain("osc_host_state{host=\"h1\",state=\"enforcing\"}", metrics, StringComparison.Ordinal);
        Assert.Contains("osc_hosts{state=\"degraded\"} 1\n", metrics, StringComparison.Ordinal);
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task Host_says_what_its_agent_last_said_of_itself()
    {
        var digest = await EnforceAsync();
        await h1.HeartbeatAsync(digest);
        await SettleAsync();
        var agent = (await HostAsync()).GetProperty("agent");
        Assert.Equal(("enforcing", digest, 9, 2, 30), (Text(agent, "state"), Text(agent, "heldDigest"), Number(agent, "heldFlows"), Number(agent, "portCount"), Number(agent, "heartbeatSeconds")));
        Assert.Equal(("netdev@ovs-netdev", 3), (Text(agent.GetProperty("datapaths")[0], "name"), Number(agent.GetProperty("datapaths")[0], "lost")));
    }

    [Theory(Timeout = TimeoutMilliseconds)]
    [InlineData("?state=gone", "state")]
    [InlineData("?severity=2", "severity")]
    [InlineData("?cursor=eA", "cursor")]
    [InlineData("?limit=0", "limit")]
    public async Task Parameters_that_mean_nothing_are_refused(string query, string parameter)
    {
        var answer = await controller.GetAsync("/api/v1/alarms" + query);
        Assert.Equal(400, answer.Status);
        Assert.Contains(parameter, answer.Text, StringComparison.Ordinal);
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task Alarms_are_listed_page_by_page_newest_first()
    {
        var digest = await EnforceAsync();
        await h1.HeartbeatAsync(digest, new Fault("switch-away", "br1", "1"), new Fault("switch-away", "br2", "2"), new Fault("switch-away", "br3", "3"));
        await SettleAsync();
        var first = (await controller.GetAsync("/api/v1/alarms?limit=2")).Json;
        Assert.Equal(["3", "2"], first.GetProperty("items").EnumerateArray().Select(a => Text(a, "detail")));
        var second = (await controller.GetAsync($"/api/v1/alarms?limit=2&cursor={Text(first, "next")}")).Json;
        Assert.Equal(["1"], second.GetProperty("items").EnumerateArray().Select(a => Text(a, "detail")));
        Assert.Equal(JsonValueKind.Null, second.GetProperty("next").ValueKind);
        Assert.Empty(await AlarmsAsync("?host=h2"));
        Assert.Equal(3, (await AlarmsAsync("?kind=switch-away&state=all")).Length);
    }

    /// <summary>Brings h1 to what it should have.</summary>
    /// <returns>The digest of that.</returns>
    private async Task<string> EnforceAsync()
    {
        await h1.HelloAsync();
        var update = await h1.SnapshotAsync();
        await h1.AckAsync(update);
        await SettleAsync();
        return update.Digest;
    }

    /// <summary>Returns when everything that was said before is dealt with, and alarms were looked at.</summary>
    private async Task SettleAsync()
    {
        await h2.HelloAsync();
        await h2.SnapshotAsync();
        controller.Get<AlarmWatch>().Look();
    }

    private async Task<JsonElement[]> AlarmsAsync(string query = "") => [.. (await controller.GetAsync("/api/v1/alarms" + query)).Json.GetProperty("items").EnumerateArray()];

    private async Task<JsonElement> HostAsync() => (await controller.GetAsync("/api/v1/hosts/h1")).Json;

    private IEnumerable<Osc.Audit.AuditRecord> Records() =>
        controller.Get<PolicyStore>().QueryAudit(new() { Ascending = true, Name = "h1" }).Items.Where(r => r.Action.StartsWith("alarm.", StringComparison.Ordinal));

    private static string? Text(JsonElement json, string name) => json.GetProperty(name).GetString();

    private static int Number(JsonElement json, string name) => json.GetProperty(name).GetInt32();
}
