using System.Text.Json;
using Xunit;

namespace Osc.Cli.Tests.Server;

public sealed class TokenTests
{
    private const string Token =
        """{"id":"3f9a","name":"bob","state":"live","grants":[{"role":"editor","tenants":["shop"]}],"made":"2026-01-01T00:00:00Z","madeBy":["alice"],"expires":"2026-04-01T00:00:00Z","revoked":null,"revokedBy":"","lastUsed":"2026-01-02T00:00:00Z","lastAddress":"192.0.2.1"}""";

    [Fact]
    public async Task Create_prints_the_secret_alone_and_sends_the_grant()
    {
        await using var controller = new StubController().Answer("POST /api/v1/auth/tokens", $$"""{"secret":"osc_3f9a_x","token":{{Token}}}""", 201);
        var run = await controller.RunAsync("token create bob --role editor --tenant shop --tenant shop-* --kind policy --days 30");
        Assert.Equal((0, "osc_3f9a_x\n"), (run.ExitCode, run.Output));
        Assert.Contains("the only time", run.Error, StringComparison.Ordinal);
        var sent = JsonDocument.Parse(controller.Seen.Single().Body).RootElement;
        Assert.Equal("""[{"role":"editor","tenants":["shop","shop-*"],"kinds":["policy"]}]""", sent.GetProperty("grants").GetRawText());
        Assert.True(sent.TryGetProperty("expires", out _));
    }

    [Fact]
    public async Task List_shows_live_tokens_and_all_on_request()
    {
        await using var controller = new StubController().Answer("GET /api/v1/auth/tokens", $$"""{"items":[{{Token}},{{Token.Replace("live", "revoked").Replace("bob", "eve")}}]}""");
        Assert.Equal(
            """
            ID    NAME  STATE  GRANTS                EXPIRES               LAST USED             FROM       MADE BY
            3f9a  bob   live   editor: tenants shop  2026-04-01 00:00:00Z  2026-01-02 00:00:00Z  192.0.2.1  alice

            """,
            (await controller.RunAsync("token list")).Output);
        Assert.Contains("eve", (await controller.RunAsync("token list --all")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Revoke_names_the_token_and_takes_along_what_it_made_on_request()
    {
        await using var controller = new StubController().Answer("DELETE /api/v1/auth/tokens/3f9a?withMade=true", $$"""{"items":[{{Token}}]}""");
        var run = await controller.RunAsync("token revoke 3f9a --with-made --reason lost");
        Assert.Equal((0, "lost"), (run.ExitCode, controller.Seen.Single().Reason));
    }

    [Fact]
    public async Task Token_that_lives_too_long_is_a_wrong_command_line()
    {
        await using var controller = new StubController();
        Assert.Equal(2, (await controller.RunAsync("token create bob --role viewer --days 400")).ExitCode);
        Assert.Empty(controller.Seen);
    }
}
