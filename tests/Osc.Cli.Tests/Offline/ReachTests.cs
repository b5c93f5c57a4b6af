using System.Text.Json;
using Osc.Cli.Tests.Server;
using Xunit;

namespace Osc.Cli.Tests.Offline;

public sealed class ReachTests
{
    [Fact]
    public async Task Reach_shows_what_every_pair_may_and_what_only_some_may()
    {
        var run = await CliRun.Of($"reach {Policies.Shop} --from shop/everything --to shop/everything");
        Assert.Equal(
            """
            shop/everything -> shop/everything
            vrf shop/default
              every pair: icmp/3/4, icmp/8, icmpv6/2, icmpv6/128 (system/infrastructure/path-mtu, system/infrastructure/workloads-ping-each-other)
              shop/everything -> shop/web: tcp/80, tcp/443 (shop/shop-app/anyone-to-web)
              shop/web -> shop/app-1: tcp/8080-8083 (shop/shop-app/web-to-app)
              shop/app-1 -> shop/db-1: tcp/5432, tcp/6432-6440 (shop/shop-app/app-to-db)

            """.ReplaceLineEndings("\n"),
            run.Output);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
    }

    [Fact]
    public async Task Reach_as_json_has_the_exact_addresses()
    {
        var run = await CliRun.Of($"reach {Policies.Shop} --from shop/app --to shop/db --vrf shop/default -o json");
        using var json = JsonDocument.Parse(run.Output);
        var vrf = json.RootElement.GetProperty("vrfs")[0];
        Assert.Equal("shop/default", vrf.GetProperty("vrf").GetString());
        Assert.StartsWith("icmp/3/4, icmp/8, tcp/5432, tcp/6432-6440", vrf.GetProperty("everyPair").GetString());
        Assert.Equal(0, vrf.GetProperty("somePairs").GetArrayLength());
    }

    [Fact]
    public async Task Reach_of_unknown_groups_is_refused_with_everything_that_is_wrong()
    {
        var run = await CliRun.Of($"reach {Policies.Shop} --from shop/nope --to 192.0.2.0/24");
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("--from: there is no group 'shop/nope'; allowed: tenant/group, or a range\n", run.Error);
        Assert.Contains("--vrf: missing: the range '192.0.2.0/24' does not say it; allowed: tenant/vrf\n", run.Error);
    }

    [Fact]
    public async Task Reach_asks_a_server_where_no_documents_are_named()
    {
        await using var controller = new StubController().Answer(
            "POST /api/v1/reach?at=3", """{"revision":3,"from":"shop/web","to":"shop/db","vrfs":[{"vrf":"shop/default","everyPair":"","everyPairRules":[],"somePairs":[]}]}""");
        var run = await controller.RunAsync("reach --from shop/web --to shop/db --at 3");
        Assert.Equal("shop/web -> shop/db, at revision 3\nvrf shop/default\n  nothing may pass\n", run.Output);
        Assert.Equal("""{"from":"shop/web","to":"shop/db"}""", Assert.Single(controller.Seen).Body);
        Assert.Equal(2, (await controller.RunAsync($"reach {Policies.Shop} --from shop/web --to shop/db --at 3")).ExitCode);
    }
}
