using Xunit;

namespace Osc.Cli.Tests.Server;

public sealed class ProposalTests
{
    private const string Proposal =
        """{"id":3,"state":"open","proposer":"alice","made":"2026-01-01T00:00:00Z","reason":"TICKET-17","approvals":["carol"],"put":[],"removed":["shop/Policy/old"],"plan":{"revision":8,"dryRun":true,"changes":[{"document":"shop/Policy/old","change":"deleted"}],"hosts":[]},"closed":null,"closedBy":"","revision":null}""";

    [Fact]
    public async Task Propose_sends_what_shall_be_there_and_what_shall_go()
    {
        await using var controller = new StubController().Answer("POST /api/v1/proposals?delete=shop%2Fpolicy%2Fold", Proposal, 201);
        var run = await controller.RunAsync(
            "propose -f - --delete shop/policy/old --reason TICKET-17", "apiVersion: osc/v1\nkind: Service\nmetadata: { name: web, tenant: shop }\nspec: { ports: [ tcp/80 ] }\n");
        Assert.Equal((0, "proposal 3 by alice, 2026-01-01 00:00:00Z: TICKET-17\nopen; agreed: carol\ndeleted shop/Policy/old\n"), (run.ExitCode, run.Output));
        var seen = controller.Seen.Single();
        Assert.Equal("TICKET-17", seen.Reason);
        Assert.Contains("kind: Service", seen.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Proposals_are_listed_and_shown()
    {
        await using var controller = new StubController().Answer("GET /api/v1/proposals?limit=1000", $$"""{"items":[{{Proposal}}],"next":null}""").Answer("GET /api/v1/proposals/3", Proposal);
        Assert.Equal(
            """
            ID  STATE  PROPOSED              BY     DOCUMENTS        AGREED  REASON
            3   open   2026-01-01 00:00:00Z  alice  shop/Policy/old  carol   TICKET-17

            """,
            (await controller.RunAsync("proposals")).Output);
        Assert.StartsWith("proposal 3 by alice", (await controller.RunAsync("proposals 3")).Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("approve 3", "POST /api/v1/proposals/3/approve")]
    [InlineData("reject 3", "POST /api/v1/proposals/3/reject")]
    public async Task Approve_and_reject_name_the_proposal(string arguments, string request)
    {
        await using var controller = new StubController().Answer(request, Proposal);
        Assert.Equal(0, (await controller.RunAsync(arguments)).ExitCode);
    }

    [Fact]
    public async Task Proposal_of_nothing_is_a_wrong_command_line()
    {
        await using var controller = new StubController();
        Assert.Equal(2, (await controller.RunAsync("propose")).ExitCode);
    }
}
