using Osc.Controller.Alarms;
using Osc.Controller.Configuration;
using Osc.Controller.Emergencies;
using Xunit;

namespace Osc.Controller.Tests.Api;

/// <summary>A policy that cannot wait for a second pair of eyes.</summary>
public sealed class BreakGlassTests : IAsyncLifetime
{
    private const string Tenant = """{"apiVersion":"osc/v1","kind":"Tenant","metadata":{"name":"shop","tenant":"shop"},"spec":{"approvals":1}}""";

    private const string Cut = """{"apiVersion":"osc/v1","kind":"Policy","metadata":{"name":"cut","tenant":"shop"},"spec":{"tier":"emergency","rules":[{"name":"smb","services":["tcp/445"],"action":"drop"}]}}""";

    private readonly ManualTime time = new();
    private TestController controller = null!; // set before each test

    public async ValueTask InitializeAsync()
    {
        controller = await TestController.StartAsync(time: time);
        Assert.Equal(200, (await controller.ApplyAsync(TestDocuments.Shop)).Status);
        Assert.Equal(200, (await controller.SendAsync(HttpMethod.Post, "/api/v1/apply", Role.Admin, Tenant, "application/json")).Status);
    }

    public ValueTask DisposeAsync() => controller.DisposeAsync();

    [Fact]
    public async Task Emergency_policy_goes_in_at_once_where_approvals_are_asked_for()
    {
        Assert.Equal(409, (await controller.SendAsync(HttpMethod.Post, "/api/v1/apply", Role.Editor, Cut, "application/json")).Status);
        Assert.Equal(200, (await OpenAsync(Cut)).Status);
        Assert.Equal(200, (await controller.GetAsync("/api/v1/shop/policy/cut")).Status);
        var listed = (await controller.GetAsync("/api/v1/emergencies")).Json.GetProperty("items")[0];
        Assert.Equal(("shop/cut", "editor", "INC-9", time.GetUtcNow().AddMinutes(30)), (listed.GetProperty("policy").GetString(), listed.GetProperty("openedBy").GetString(), listed.GetProperty("reason").GetString(), listed.GetProperty("expires").GetDateTimeOffset()));
    }

    [Fact]
    public async Task Emergency_is_shouted_about_in_log_and_alarms_while_it_stands()
    {
        await OpenAsync(Cut);
        controller.Get<AlarmWatch>().Look();
        var alarms = (await controller.GetAsync("/api/v1/alarms?kind=break-glass")).Json.GetProperty("items").EnumerateArray();
        Assert.Equal(["h1 critical shop/cut", "h2 critical shop/cut"], alarms.Select(a => $"{a.GetProperty("host").GetString()} {a.GetProperty("severity").GetString()} {a.GetProperty("subject").GetString()}").Order());
        var record = (await controller.GetAsync("/api/v1/audit?action=emergency.open")).Json.GetProperty("items")[0];
        Assert.Equal(("editor", "cut", "INC-9"), (record.GetProperty("actor").GetString(), record.GetProperty("name").GetString(), record.GetProperty("reason").GetString()));
    }

    [Fact]
    public async Task Emergency_policy_goes_by_itself_when_its_time_is_over_also_after_a_restart()
    {
        await OpenAsync(Cut);
        time.Advance(TimeSpan.FromMinutes(29));
        await controller.Get<EmergencyWatch>().LookAsync(default);
        Assert.Equal(200, (await controller.GetAsync("/api/v1/shop/policy/cut")).Status);
        await controller.RestartAsync();
        time.Advance(TimeSpan.FromMinutes(1));
        await controller.Get<EmergencyWatch>().LookAsync(default);
        Assert.Equal(404, (await controller.GetAsync("/api/v1/shop/policy/cut")).Status);
        Assert.Equal(time.GetUtcNow(), (await controller.GetAsync("/api/v1/emergencies")).Json.GetProperty("items")[0].GetProperty("closed").GetDateTimeOffset());
        var record = (await controller.GetAsync("/api/v1/audit?action=emergency.close")).Json.GetProperty("items")[0];
        Assert.Equal(("osc", "the time of the emergency policy by editor is over"), (record.GetProperty("actor").GetString(), record.GetProperty("reason").GetString()));
        controller.Get<AlarmWatch>().Look();
        Assert.Equal(0, (await controller.GetAsync("/api/v1/alarms?kind=break-glass")).Json.GetProperty("items").GetArrayLength());
    }

    [Fact]
    public async Task Emergency_policy_may_be_taken_back_without_approval_and_is_over_then()
    {
        await OpenAsync(Cut);
        Assert.Equal(409, (await controller.SendAsync(HttpMethod.Delete, "/api/v1/shop/policy/cut", Role.Editor)).Status);
        Assert.Equal(200, (await controller.SendAsync(HttpMethod.Post, "/api/v1/emergencies/close?policy=shop/cut", Role.Editor, headers: "Osc-Reason: over")).Status);
        Assert.Equal(404, (await controller.SendAsync(HttpMethod.Post, "/api/v1/emergencies/close?policy=shop/cut", Role.Editor)).Status);
        Assert.Equal(404, (await controller.SendAsync(HttpMethod.Post, "/api/v1/emergencies/close?policy=shop/app", Role.Editor)).Status);
        Assert.Equal(200, (await OpenAsync(Cut)).Status);
    }

    [Theory]
    [InlineData("""{"apiVersion":"osc/v1","kind":"Policy","metadata":{"name":"cut","tenant":"shop"},"spec":{"tier":"application","rules":[]}}""")]
    [InlineData("""{"apiVersion":"osc/v1","kind":"Policy","metadata":{"name":"app","tenant":"shop"},"spec":{"tier":"emergency","rules":[]}}""")]
    [InlineData("""{"apiVersion":"osc/v1","kind":"Tenant","metadata":{"name":"shop","tenant":"shop"},"spec":{"approvals":0}}""")]
    [InlineData("""{"apiVersion":"osc/v1","kind":"Service","metadata":{"name":"x","tenant":"shop"},"spec":{"ports":["tcp/1"]}}""")]
    public async Task Nothing_else_goes_in_by_that_way(string document)
    {
        Assert.Equal(422, (await OpenAsync(document)).Status);
        Assert.Equal(422, (await OpenAsync($"[{Cut},{document}]")).Status);
        Assert.Equal(404, (await controller.GetAsync("/api/v1/shop/policy/cut")).Status);
    }

    [Fact]
    public async Task Emergency_has_a_reason_and_an_end()
    {
        Assert.Equal(400, (await controller.SendAsync(HttpMethod.Post, "/api/v1/emergencies", Role.Editor, Cut, "application/json")).Status);
        foreach (var minutes in new[] { "0", "1441", "-1", "forever" })
        {
            Assert.Equal(400, (await controller.SendAsync(HttpMethod.Post, $"/api/v1/emergencies?minutes={minutes}", Role.Editor, Cut, "application/json", headers: "Osc-Reason: INC-9")).Status);
        }
    }

    private Task<Answer> OpenAsync(string documents) => controller.SendAsync(HttpMethod.Post, "/api/v1/emergencies?minutes=30", Role.Editor, documents, "application/json", headers: "Osc-Reason: INC-9");
}
