using Xunit;

namespace Osc.Cli.Tests.Server;

public sealed class AuthTests
{
    [Fact]
    public async Task WhoAmI_prints_name_and_grants()
    {
        await using var controller = new StubController().Answer(
            "GET /api/v1/auth/whoami", """{"name":"alice","by":"token","expires":null,"grants":[{"role":"viewer"},{"role":"editor","tenants":["shop","shop-*"],"kinds":["Policy"]}]}""");
        var run = await controller.RunAsync("auth whoami");
        Assert.Equal((0, "alice, by token\n\nROLE    FOR\nviewer  everything\neditor  tenants shop, shop-*; kinds Policy\n"), (run.ExitCode, run.Output));
    }

    [Theory]
    [InlineData("auth can-i audit", "GET /api/v1/auth/can-i?access=audit", true)]
    [InlineData("auth can-i write --tenant shop", "GET /api/v1/auth/can-i?access=write&tenant=shop", true)]
    [InlineData("auth can-i write policy app --tenant shop", "GET /api/v1/auth/can-i?access=write&tenant=shop&kind=policy&name=app", false)]
    [InlineData("auth can-i write policy", "GET /api/v1/auth/can-i?access=write&tenant=default&kind=policy", false)]
    public async Task CanI_answers_and_says_it_by_the_exit_code(string arguments, string request, bool allowed)
    {
        await using var controller = new StubController().Answer(request, $$"""{"allowed":{{(allowed ? "true" : "false")}},"question":"q","by":[]}""");
        var run = await controller.RunAsync(arguments);
        Assert.Equal(allowed ? (0, "yes\n") : (1, "no\n"), (run.ExitCode, run.Output));
    }
}
