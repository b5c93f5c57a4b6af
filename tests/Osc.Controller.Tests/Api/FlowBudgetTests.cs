using Xunit;

namespace Osc.Controller.Tests.Api;

public sealed class FlowBudgetTests
{
    [Theory]
    [InlineData("")]
    [InlineData("?dryRun=true")]
    public async Task Apply_that_gives_hosts_too_many_flows_is_refused_with_the_forecast_of_each(string query)
    {
        await using var controller = await TestController.StartAsync(maxFlowsPerHost: 10);

        var answer = await controller.ApplyAsync(TestDocuments.Shop, query);

        Assert.Equal((422, "application/problem+json"), (answer.Status, answer.Type));
        Assert.Equal("2 hosts would have more flows than a host may have", answer.Json.GetProperty("detail").GetString());
        Assert.Collection(
            answer.Errors,
            e => Assert.Matches("^: host h1 would have [0-9]+ flows; it has 0; at most 10 flows .maxFlowsPerHost.$", e),
            e => Assert.Matches("^: host h2 would have [0-9]+ flows; it has 0; at most 10 flows .maxFlowsPerHost.$", e));
        Assert.Empty((await controller.GetAsync("/api/v1/documents")).Json.GetProperty("items").EnumerateArray());
    }
}
