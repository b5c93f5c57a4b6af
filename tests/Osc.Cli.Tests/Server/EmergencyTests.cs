using Xunit;

namespace Osc.Cli.Tests.Server;

public sealed class EmergencyTests
{
    private const string Policy = "apiVersion: osc/v1\nkind: Policy\nmetadata: { name: cut, tenant: shop }\nspec: { tier: emergency, rules: [ { name: r, action: drop } ] }\n";

    [Fact]
    public async Task Break_glass_sends_the_policy_with_its_reason_and_end()
    {
        await using var controller = new StubController().Answer("POST /api/v1/emergencies?minutes=30", """{"revision":3,"dryRun":false,"changes":[{"document":"shop/Policy/cut","change":"created"}],"hosts":[]}""");
        var run = await controller.RunAsync("break-glass -f - --minutes 30 --reason INC-9", Policy);
        Assert.Equal((0, "INC-9"), (run.ExitCode, controller.Seen.Single().Reason));
        Assert.Equal(2, (await controller.RunAsync("break-glass -f -", Policy)).ExitCode);
    }

    [Fact]
    public async Task Emergencies_are_listed_and_taken_back()
    {
        await using var controller = new StubController()
            .Answer("GET /api/v1/emergencies", """{"items":[{"policy":"shop/cut","openedBy":"alice","opened":"2026-01-01T00:00:00Z","expires":"2026-01-01T01:00:00Z","reason":"INC-9","revision":3,"closed":null}]}""")
            .Answer("POST /api/v1/emergencies/close?policy=shop%2Fcut", """{"revision":4,"dryRun":false,"changes":[],"hosts":[]}""");
        Assert.Equal(
            """
            POLICY    BY     SINCE                 UNTIL                 GONE      REASON
            shop/cut  alice  2026-01-01 00:00:00Z  2026-01-01 01:00:00Z  in force  INC-9

            """,
            (await controller.RunAsync("emergencies")).Output);
        Assert.Equal("shop/cut is gone, revision 4\n", (await controller.RunAsync("emergencies --close shop/cut")).Output);
    }
}
