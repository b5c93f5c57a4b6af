using Osc.Controller.Api.Security;
using Osc.Controller.Configuration;
using Xunit;

namespace Osc.Controller.Tests.Api;

public sealed class RefusedRequestsTests : IAsyncLifetime
{
    private TestController controller = null!; // set before each test

    public async ValueTask InitializeAsync() => controller = await TestController.StartAsync();

    public ValueTask DisposeAsync() => controller.DisposeAsync();

    [Fact]
    public async Task Refused_request_is_recorded_with_actor_path_and_request()
    {
        var refused = await controller.SendAsync(HttpMethod.Post, "/api/v1/apply", Role.Viewer, "x");
        await controller.SendAsync(HttpMethod.Get, "/api/v1/hosts", null);
        var records = (await controller.GetAsync("/api/v1/audit?action=request.refused&order=asc", Role.Auditor)).Json.GetProperty("items");
        Assert.Equal(["viewer", "unknown"], records.EnumerateArray().Select(r => r.GetProperty("actor").GetString()));
        Assert.Equal(["403 POST /api/v1/apply", "401 GET /api/v1/hosts"], records.EnumerateArray().Select(r => r.GetProperty("outcome").GetString()));
        Assert.Equal(refused.Json.GetProperty("requestId").GetString(), records[0].GetProperty("requestId").GetString());
        Assert.Equal("127.0.0.1", records[0].GetProperty("address").GetString());
    }

    [Fact]
    public async Task Path_that_would_begin_a_line_of_its_own_stays_one_line()
    {
        await controller.SendAsync(HttpMethod.Get, "/nowhere%0d%0a401%20GET%20forged%1b%5b2J", null);
        var records = (await controller.GetAsync("/api/v1/audit?action=request.refused", Role.Auditor)).Json.GetProperty("items");
        Assert.Equal("401 GET /nowhere%0D%0A401%20GET%20forged%1B%5B2J", records[0].GetProperty("outcome").GetString());
    }

    [Fact]
    public async Task Clock_that_is_set_back_makes_no_minute_longer()
    {
        var time = new ManualTime();
        await using var later = await TestController.StartAsync(time: time, configure: o => o with { Limits = o.Limits with { UnknownPerSecond = 10_000, UnknownBurst = 10_000 } });
        await RefuseAsync(RefusedRequests.MaxPerWindow + 7);
        time.Set(TimeSpan.FromHours(-5));
        time.Advance(TimeSpan.FromMinutes(1));
        await RefuseAsync(1);

        var records = (await later.GetAsync("/api/v1/audit?action=request.refused&limit=1000")).Json.GetProperty("items");
        Assert.Equal(RefusedRequests.MaxPerWindow + 2, records.GetArrayLength());
        Assert.StartsWith("7 more requests were refused", records[1].GetProperty("outcome").GetString(), StringComparison.Ordinal);

        async Task RefuseAsync(int times)
        {
            for (var i = 0; i < times; i++)
            {
                Assert.Equal(401, (await later.SendAsync(HttpMethod.Get, "/api/v1/hosts", null)).Status);
            }
        }
    }

    [Fact]
    public async Task Refused_requests_beyond_the_bound_are_counted_in_one_record()
    {
        for (var i = 0; i < RefusedRequests.MaxPerWindow + 7; i++)
        {
            await controller.SendAsync(HttpMethod.Get, "/api/v1/hosts", null);
        }

        await controller.Get<RefusedRequests>().StopAsync(default);
        var records = (await controller.GetAsync("/api/v1/audit?action=request.refused&limit=1000")).Json.GetProperty("items");
        Assert.Equal(RefusedRequests.MaxPerWindow + 1, records.GetArrayLength());
        Assert.Equal("7 more requests were refused and are not recorded one by one", records[0].GetProperty("outcome").GetString());
    }
}
