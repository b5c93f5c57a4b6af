using Osc.Lab;
using Xunit;

namespace Osc.Integration.WholeSystem;

/// <summary>Persons at their terminals: the real osc against a real controller, each with a token of his own.</summary>
public sealed class AccessCommandsTests(ITestOutputHelper output)
{
    private const string FourEyes = "{ apiVersion: osc/v1, kind: Tenant, metadata: { name: shop, tenant: system }, spec: { approvals: 1 } }";

    private const string CutOff = """
        { apiVersion: osc/v1, kind: Policy, metadata: { name: cut-off, tenant: shop },
          spec: { tier: emergency, rules: [ { name: worm, to: [ db ], services: [ tcp/445 ], action: drop } ] } }
        """;

    private readonly CancellationToken cancellation = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Change_goes_from_proposal_to_revision_and_into_the_log_by_commands_alone()
    {
        await using var space = await LabSpace.ClaimAsync("persons");
        await using var controller = await Orchestrator.StartAsync("osc-standalone", space, [], cancellation);
        await controller.ApplyAsync(Path.Combine(PolicySet.Repository, "policies", "three-tier-shop"), "the shop opens", cancellation);
        var before = DateTimeOffset.UtcNow;
        var alice = await TokenAsync(controller, "alice", "editor");
        var bob = await TokenAsync(controller, "bob", "approver");
        var held = Path.Combine(space.DirectoryPath, "osc.checkpoint");
        await DoneAsync(controller, controller.Token, "audit", "verify", "--checkpoint", held);
        await DoneAsync(controller, controller.Token, "apply", "-f", Write(space, FourEyes), "--reason", "four eyes from now on");

        var policy = await DoneAsync(controller, alice, "get", "shop/policy", "shop-app");
        var changed = Write(space, policy.Replace("    - app\n    to:\n    - db\n    services:\n    - postgres\n", "    - app\n    to:\n    - db\n    services:\n    - tcp/5433\n", StringComparison.Ordinal));
        Assert.Contains("tcp/5432", await DoneAsync(controller, alice, "plan", "-f", changed), StringComparison.Ordinal);
        Assert.Contains("propose it", await RefusedAsync(controller, alice, "apply", "-f", changed), StringComparison.Ordinal);
        Assert.Contains("nothing to agree to", await RefusedAsync(controller, alice, "propose", "-f", Write(space, policy)), StringComparison.Ordinal);
        Assert.Contains("proposal 1 by alice", await DoneAsync(controller, alice, "propose", "-f", changed, "--reason", "TICKET-17"), StringComparison.Ordinal);
        Assert.Contains("approve access", await RefusedAsync(controller, alice, "approve", "1"), StringComparison.Ordinal);
        Assert.Contains("TICKET-17", await DoneAsync(controller, bob, "proposals"), StringComparison.Ordinal);
        Assert.Contains("tcp/5432", await DoneAsync(controller, bob, "proposals", "1"), StringComparison.Ordinal);
        Assert.Contains("applied", await DoneAsync(controller, bob, "approve", "1"), StringComparison.Ordinal);

        string[] question = ["--from", "shop/app-1", "--to", "shop/db-1", "--service", "tcp/5432"];
        Assert.Contains("verdict: drop", await DoneAsync(controller, bob, ["explain", .. question]), StringComparison.Ordinal);
        Assert.Contains("verdict: allow", await DoneAsync(controller, bob, ["explain", .. question, "--at", before.ToString("O", System.Globalization.CultureInfo.InvariantCulture)]), StringComparison.Ordinal);
        Assert.Contains("proposal 1 by alice: TICKET-17", await DoneAsync(controller, bob, "blame", "shop/policy", "shop-app"), StringComparison.Ordinal);
        Assert.Contains("+ tcp/5433", await DoneAsync(controller, bob, "diff", "2", "3"), StringComparison.Ordinal);

        await DoneAsync(controller, alice, "break-glass", "-f", Write(space, CutOff), "--minutes", "60", "--reason", "INC-9");
        Assert.Contains("INC-9", await DoneAsync(controller, bob, "emergencies"), StringComparison.Ordinal);
        await ShoutedAsync(controller);
        Assert.Contains("INC-9", await DoneAsync(controller, controller.Token, "alarms"), StringComparison.Ordinal);
        await DoneAsync(controller, alice, "emergencies", "--close", "shop/cut-off");

        var id = (await DoneAsync(controller, controller.Token, "token", "list")).Split('\n').Single(l => l.Contains(" alice ", StringComparison.Ordinal)).Split(' ')[0];
        await DoneAsync(controller, controller.Token, "token", "revoke", id);
        Assert.Contains("token that it knows", await RefusedAsync(controller, alice, "get", "shop/policy"), StringComparison.Ordinal);
        foreach (var action in new[] { "token.make", "token.revoke", "proposal.make", "proposal.apply", "emergency.open", "emergency.close", "alarm.raise", "access.new-address" })
        {
            Assert.Contains(action, await DoneAsync(controller, controller.Token, "audit", "--action", action), StringComparison.Ordinal);
        }

        Assert.Contains("nothing was changed since", await DoneAsync(controller, controller.Token, "audit", "verify", "--checkpoint", held), StringComparison.Ordinal);
    }

    /// <summary>Alarms are looked for once a second.</summary>
    private Task ShoutedAsync(Orchestrator controller) => RunningSystem.UntilAsync(
        "an alarm stands", async () => (await controller.GetAsync("api/v1/alarms", cancellation)).GetProperty("items").GetArrayLength() > 0);

    private async Task<string> TokenAsync(Orchestrator controller, string name, string role) =>
        (await DoneAsync(controller, controller.Token, "token", "create", name, "--role", role, "--tenant", "shop")).Trim();

    private async Task<string> DoneAsync(Orchestrator controller, string token, params string[] arguments)
    {
        var run = await RunAsync(controller, token, arguments);
        Assert.Equal(0, run.ExitCode);
        return run.Output;
    }

    /// <returns>Why, as it says on standard error.</returns>
    private async Task<string> RefusedAsync(Orchestrator controller, string token, params string[] arguments)
    {
        var run = await RunAsync(controller, token, arguments);
        Assert.Equal((1, ""), (run.ExitCode, run.Output));
        return run.Error;
    }

    private async Task<ProgramRun> RunAsync(Orchestrator controller, string token, string[] arguments)
    {
        var run = await ProgramRun.OfAsync("osc", arguments, new Dictionary<string, string> { ["OSC_SERVER"] = controller.Server.ToString(), ["OSC_TOKEN"] = token });
        output.WriteLine($"$ osc {string.Join(' ', arguments)}\n{run.Output}{run.Error}");
        return run;
    }

    private static string Write(LabSpace space, string document)
    {
        var path = Path.Combine(space.DirectoryPath, $"{Guid.NewGuid():N}.yaml");
        File.WriteAllText(path, document);
        return path;
    }
}
