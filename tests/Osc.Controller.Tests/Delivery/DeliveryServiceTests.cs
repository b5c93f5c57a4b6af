using System.Text.Json;
using Osc.Bus;
using Osc.Bus.InMemory;
using Osc.Controller.Configuration;
using Osc.Controller.Delivery;
using Osc.Store;
using Xunit;

namespace Osc.Controller.Tests.Delivery;

/// <summary>
/// Delivery on a bus and a clock that the test has in hand. Host h1 is the one observed. Since delivery takes one thing after the other,
/// whatever h1 said before is dealt with as soon as h2 gets an answer.
/// </summary>
public sealed class DeliveryServiceTests : IAsyncLifetime
{
    private const int TimeoutMilliseconds = 60_000;

    private readonly InMemoryBus bus = new();
    private readonly ManualTime time = new();
    private readonly TestAgent h1;
    private readonly TestAgent h2;
    private TestController controller = null!; // set before each test

    public DeliveryServiceTests() => (h1, h2) = (new(bus, "h1", TestContext.Current.CancellationToken), new(bus, "h2", TestContext.Current.CancellationToken));

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
    public async Task Host_that_says_hello_gets_its_flows_and_is_enforcing_once_it_has_them()
    {
        Assert.Equal("unknown", await StateAsync("h1"));
        await h1.HelloAsync();
        var update = await h1.SnapshotAsync();
        await SettleAsync();
        Assert.Equal("syncing", await StateAsync("h1"));
        Assert.Equal("sent", await RolloutAsync(1, "h1"));

        time.Advance(TimeSpan.FromSeconds(3));
        await h1.AckAsync(update);
        await SettleAsync();
        Assert.Equal("enforcing", await StateAsync("h1"));
        Assert.Equal("acked", await RolloutAsync(1, "h1"));
        Assert.Contains("osc_rollout_duration_seconds_bucket{le=\"2.5\"} 0\nosc_rollout_duration_seconds_bucket{le=\"5\"} 1\n", (await controller.GetAsync("/metrics")).Text, StringComparison.Ordinal);
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task Message_to_a_host_names_the_generation_of_the_store()
    {
        var begun = time.GetUtcNow().ToUnixTimeMilliseconds(); // when the documents were applied
        time.Advance(TimeSpan.FromSeconds(3));
        await h1.HelloAsync();

        Assert.Equal(begun, (await h1.NextAsync()).Generation);
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task Host_that_does_not_answer_an_update_is_asked_what_it_holds()
    {
        await h1.HelloAsync();
        await h1.SnapshotAsync();

        time.Advance(DeliveryTimings.Default.AckTimeout + DeliveryTimings.Default.ChunkTimeout);

        Assert.StartsWith("no answer to update 1-1-", (await h1.NextAsync()).Inquiry!.Reason, StringComparison.Ordinal);
        await h1.HelloAsync();
        Assert.Equal(1, (await h1.SnapshotAsync()).Revision);
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task Host_that_says_nothing_for_long_is_silent_until_it_speaks_again()
    {
        await h1.HelloAsync();
        var update = await h1.SnapshotAsync();
        await h1.AckAsync(update);
        await SettleAsync();

        time.Advance(DeliveryTimings.Default.Silence + TimeSpan.FromSeconds(1));
        await SettleAsync();
        Assert.Equal("silent", await StateAsync("h1"));

        await h1.HelloAsync(update.Digest);
        await SettleAsync();
        Assert.Equal("enforcing", await StateAsync("h1"));
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task Clock_that_is_set_back_holds_up_neither_delivery_nor_the_notice_that_a_host_is_silent()
    {
        await h1.HelloAsync();
        await h1.SnapshotAsync();
        time.Set(TimeSpan.FromHours(-5));

        time.Advance(DeliveryTimings.Default.AckTimeout + DeliveryTimings.Default.ChunkTimeout);
        Assert.StartsWith("no answer to update 1-1-", (await h1.NextAsync()).Inquiry!.Reason, StringComparison.Ordinal);
        await h1.HelloAsync();
        await h1.AckAsync(await h1.SnapshotAsync());
        await SettleAsync();
        Assert.Equal(time.GetUtcNow(), (await controller.GetAsync("/api/v1/hosts/h1")).Json.GetProperty("lastSeen").GetDateTimeOffset());

        time.Advance(DeliveryTimings.Default.Silence + TimeSpan.FromSeconds(1));
        await SettleAsync();
        Assert.Equal("silent", await StateAsync("h1"));
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task Clock_that_is_set_ahead_makes_no_host_silent()
    {
        await h1.HelloAsync();
        await h1.AckAsync(await h1.SnapshotAsync());
        await SettleAsync();
        time.Set(TimeSpan.FromHours(5));
        time.Advance(TimeSpan.FromSeconds(1));
        await SettleAsync();
        Assert.Equal("enforcing", await StateAsync("h1"));
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task Drift_that_an_agent_repaired_is_an_audit_record_with_the_difference()
    {
        await h1.DriftAsync();
        await SettleAsync();
        var record = Assert.Single((await controller.GetAsync("/api/v1/audit?action=drift.repaired")).Json.GetProperty("items").EnumerateArray());
        Assert.Equal(("agent/h1", "Host", "h1"), (record.GetProperty("actor").GetString(), record.GetProperty("kind").GetString(), record.GetProperty("name").GetString()));
        var after = record.GetProperty("after");
        Assert.Equal(("br-int", "flowsChanged", 1), (after.GetProperty("bridge").GetString(), after.GetProperty("cause").GetString(), after.GetProperty("missing").GetInt32()));
        Assert.Equal("table=0,priority=1,actions=drop", after.GetProperty("flows")[0].GetProperty("wanted").GetString());
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task Host_without_its_document_is_forgotten_and_holds_up_no_rollout()
    {
        await h1.HelloAsync();
        var late = await h1.SnapshotAsync();
        await h2.HelloAsync();
        await h2.AckAsync(await h2.SnapshotAsync());
        await DeleteAsync("shop/workload/web-1");
        await DeleteAsync("system/host/h1");
        await SettleAsync();

        Assert.Equal(["h2"], Hosts());
        Assert.Equal(404, (await controller.GetAsync("/api/v1/hosts/h1")).Status);
        var first = await RolloutAsync(1);
        Assert.Equal(["h2"], first.GetProperty("hosts").EnumerateArray().Select(h => h.GetProperty("host").GetString()));
        Assert.NotEqual(JsonValueKind.Null, first.GetProperty("finished").ValueKind);

        // What its agent still says changes nothing, and nothing is sent to it: it keeps what it has.
        await h1.AckAsync(late);
        await h1.HelloAsync(late.Digest);
        await SettleAsync();
        Assert.Equal(["h2"], Hosts());
        Assert.Equal("there is no Host document of this name", (await controller.GetAsync("/api/v1/hosts/h1")).Json.GetProperty("error").GetString());

        // With a document again it is brought to what it should have then.
        Assert.Equal(200, (await controller.ApplyAsync(TestDocuments.Shop)).Status);
        Assert.NotEqual(late.Digest, (await h1.SnapshotAsync()).Digest);
        Assert.Equal(["h1", "h2"], Hosts());
    }

    [Theory(Timeout = TimeoutMilliseconds)]
    [InlineData("vif1")]
    [InlineData("02:00:00:00:00:01")]
    public async Task Ports_of_a_host_are_shown_with_the_interfaces_that_they_are(string attachment)
    {
        Assert.Equal(200, (await controller.ApplyAsync(TestDocuments.Shop.Replace("port: vif1", $"port: \"{attachment}\"", StringComparison.Ordinal))).Status);
        await h1.PortsAsync(
            new("vif1", 3, null, null, null, true, new(9, 0, "02:00:00:00:00:01", null)),
            new("vif2", 4, null, null, "02:00:00:00:00:02", true));
        await SettleAsync();

        var ports = (await controller.GetAsync("/api/v1/hosts/h1")).Json.GetProperty("ports");
        Assert.Equal("shop/web-1/eth0", Assert.Single(ports[0].GetProperty("interfaces").EnumerateArray()).GetString());
        Assert.Equal((9, 0), (ports[0].GetProperty("vif").GetProperty("domain").GetInt32(), ports[0].GetProperty("vif").GetProperty("handle").GetInt32()));
        Assert.Empty(ports[1].GetProperty("interfaces").EnumerateArray());
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task Port_whose_guest_is_not_the_workload_that_a_document_says_is_a_warning()
    {
        await h1.PortsAsync(new Port("vif1", 3, null, null, null, true, new(9, 0, "02:00:00:00:00:99", null)));
        await SettleAsync();
        Assert.Equal(
            "bridge br-int: port vif1 has the address 02:00:00:00:00:99 and is attached as shop/web-1/eth0, which has 02:00:00:00:00:01",
            Assert.Single((await controller.GetAsync("/api/v1/hosts/h1")).Json.GetProperty("warnings").EnumerateArray()).GetString());
    }

    /// <summary>Returns when everything that was said before is dealt with.</summary>
    private async Task SettleAsync()
    {
        await h2.HelloAsync();
        await h2.SnapshotAsync();
    }

    private async Task DeleteAsync(string document) => Assert.Equal(200, (await controller.SendAsync(HttpMethod.Delete, $"/api/v1/{document}", Role.Admin)).Status);

    private IEnumerable<string> Hosts() => controller.Get<PolicyStore>().ReadHosts().Select(h => h.Host.Value);

    private async Task<string?> StateAsync(string host) => (await controller.GetAsync($"/api/v1/hosts/{host}")).Json.GetProperty("state").GetString();

    private async Task<JsonElement> RolloutAsync(long revision) => (await controller.GetAsync($"/api/v1/rollouts/{revision}")).Json;

    private async Task<string?> RolloutAsync(long revision, string host) =>
        (await RolloutAsync(revision)).GetProperty("hosts").EnumerateArray().Single(h => h.GetProperty("host").GetString() == host).GetProperty("state").GetString();
}
