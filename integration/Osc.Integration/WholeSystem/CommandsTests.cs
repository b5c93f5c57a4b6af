using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Osc.Lab;
using Osc.Lab.Probes;
using Xunit;

namespace Osc.Integration.WholeSystem;

/// <summary>
/// Every command of osc that asks a server, asked of a real one with real hosts and something to tell: it takes what the server answers, as a table and as JSON.
/// What the answers say is tried elsewhere.
/// </summary>
public sealed partial class CommandsTests(ITestOutputHelper output)
{
    /// <summary>The commands in an order in which each has something to do. In braces is what was made before; others than the administrator are named in front.</summary>
    private static readonly string[] Commands =
    [
        "plan -f {change}", "apply -f {change} --reason more", "get policy", "get shop/policy shop-app", "blame shop/policy shop-app", "revisions", "diff 1 2", "rollout", "rollout 2",
        "hosts", "host h1", "alarms", "explain --from shop/app-1 --to shop/db-1 --service tcp/5432", "reach --from shop/app --to shop/db",
        "traffic rules", "traffic connections", "traffic talkers", "traffic drops",
        "break-glass -f {emergency} --minutes 60 --reason INC-9", "alarms --state all", "emergencies", "emergencies --close shop/cut-off",
        "apply -f {eyes}", "alice: propose -f {change2} --reason TICKET-1", "alice: propose -f {change3} --reason TICKET-2", "proposals", "proposals 1", "bob: approve 1", "bob: reject 2",
        "delete system/cloud unused",
        "auth whoami", "auth can-i write policy --tenant shop", "token create carol --role viewer", "token list", "token revoke {token}",
        "audit", "audit checkpoint", "audit keys", "audit counts --by kind", "audit prove 1 --checkpoint {checkpoint}", "audit verify --checkpoint {checkpoint}", "audit export", "audit tail",
    ];

    /// <summary>Those whose answer is no object: a secret, signed text, records as lines; and one that ends when it is told to.</summary>
    private static readonly string[] NoObject = ["token create", "audit checkpoint", "audit keys", "audit export", "audit tail", "get shop/policy"];

    /// <summary>It needs a broker: <see cref="EnrolledAgentTests"/>.</summary>
    private const string TriedElsewhere = "enrol";

    private static readonly string[] Once = ["break-glass", "emergencies --close", "propose ", "approve", "reject", "delete", "token revoke"];

    private readonly CancellationToken cancellation = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_command_takes_what_a_real_controller_answers()
    {
        var set = PolicySet.Read("three-tier-shop");
        await using var lab = await PolicyLab.BuildAsync("commands", set.State);
        await using var controller = await Orchestrator.StartAsync("osc-standalone", lab.Space, new() { ["agents"] = Agents(lab) }, cancellation);
        await controller.WaitForRolloutAsync(await controller.ApplyAsync(set.DirectoryPath, "the shop opens", cancellation), cancellation);
        await using (var matrix = Matrix.Open(lab, set.State, hasAgents: true))
        {
            await matrix.TryAsync(set.State);
        }

        var tokens = new Dictionary<string, string>
        {
            [""] = controller.Token,
            ["alice"] = (await RunAsync(controller, controller.Token, "token create alice --role editor")).Trim(),
            ["bob"] = (await RunAsync(controller, controller.Token, "token create bob --role approver")).Trim(),
        };
        var names = new Dictionary<string, string>
        {
            ["change"] = Write(lab, Service("one", 81)),
            ["change2"] = Write(lab, Service("two", 82)),
            ["change3"] = Write(lab, Service("three", 83)),
            ["emergency"] = Write(lab, "{ apiVersion: osc/v1, kind: Policy, metadata: { name: cut-off, tenant: shop }, spec: { tier: emergency, rules: [ { name: worm, to: [ db ], services: [ tcp/445 ], action: drop } ] } }"),
            ["eyes"] = Write(lab, "{ apiVersion: osc/v1, kind: Tenant, metadata: { name: shop, tenant: system }, spec: { approvals: 1 } }\n---\n{ apiVersion: osc/v1, kind: Cloud, metadata: { name: unused, tenant: system }, spec: { type: xen } }"),
            ["checkpoint"] = Write(lab, await RunAsync(controller, controller.Token, "audit checkpoint")),
        };
        Assert.DoesNotContain(await LeavesAsync(), leaf => leaf != TriedElsewhere && !Commands.Any(c => Spoken(c).Command.StartsWith(leaf, StringComparison.Ordinal)));
        foreach (var (person, command) in Commands.Select(Spoken))
        {
            if (command == "token revoke {token}")
            {
                names["token"] = Regex.Match(await RunAsync(controller, controller.Token, "token list"), "^([0-9a-f]+) +carol ", RegexOptions.Multiline).Groups[1].Value;
            }

            var line = Placeholder().Replace(command, m => names[m.Groups[1].Value]);
            Assert.NotEqual("", await RunAsync(controller, tokens[person], line));
            if (IsRepeatable(command) && !NoObject.Any(n => command.StartsWith(n, StringComparison.Ordinal)))
            {
                Assert.Equal(JsonValueKind.Object, JsonElement.Parse(await RunAsync(controller, tokens[person], line + " --output json")).ValueKind);
            }
        }
    }

    private static (string Person, string Command) Spoken(string line) => line.Split(": ") is [var person, var command] ? (person, command) : ("", line);

    /// <summary>Whether doing it again is as good as once.</summary>
    private static bool IsRepeatable(string command) => !Once.Any(o => command.StartsWith(o, StringComparison.Ordinal));

    private static string Service(string name, int port) => $"{{ apiVersion: osc/v1, kind: Service, metadata: {{ name: {name}, tenant: shop }}, spec: {{ ports: [ tcp/{port} ] }} }}";

    private async Task<string> RunAsync(Orchestrator controller, string token, string arguments)
    {
        var environment = new Dictionary<string, string> { ["OSC_SERVER"] = controller.Server.ToString(), ["OSC_TOKEN"] = token };
        var run = arguments.StartsWith("audit tail", StringComparison.Ordinal)
            ? await FirstLineAsync(arguments.Split(' '), environment)
            : await ProgramRun.OfAsync("osc", arguments.Split(' '), environment);
        output.WriteLine($"$ osc {arguments}\n{run.Output}{run.Error}");
        Assert.Equal(0, run.ExitCode);
        return run.Output;
    }

    private async Task<ProgramRun> FirstLineAsync(string[] arguments, Dictionary<string, string> environment)
    {
        using var process = Command.Start(ProgramRun.PathOf("osc"), [.. arguments, "--after", "0"], environment);
        try
        {
            return new(0, await process.StandardOutput.ReadLineAsync(cancellation) ?? "", "");
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync(cancellation);
        }
    }

    /// <summary>The commands that have no commands of their own and ask a server, by what their help says.</summary>
    private static async Task<IReadOnlyList<string>> LeavesAsync(string above = "")
    {
        var help = (await ProgramRun.OfAsync("osc", [.. above.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--help"])).Output;
        var below = Regex.Match(help, "^Commands:\n((?:  .*\n)+)", RegexOptions.Multiline).Groups[1].Value.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Trim().Split(' ')[0]).ToArray();
        var leaves = new List<string>();
        foreach (var name in below)
        {
            leaves.AddRange(await LeavesAsync($"{above} {name}".Trim()));
        }

        return help.Contains("--server", StringComparison.Ordinal) && above.Length > 0 ? [above, .. leaves] : leaves;
    }

    private static JsonArray Agents(PolicyLab lab) => [.. lab.Hosts.Select(host => new JsonObject
    {
        ["host"] = host.Key.Value,
        ["ovs"] = new JsonObject { ["runDirectory"] = host.Value.RunDirectory, ["database"] = host.Value.DatabaseSocket },
        ["state"] = Directory.CreateDirectory(Path.Combine(lab.Space.DirectoryPath, "agents", host.Key.Value)).FullName,
    })];

    private static string Write(PolicyLab lab, string text)
    {
        var path = Path.Combine(lab.Space.DirectoryPath, $"{Guid.NewGuid():N}.yaml");
        File.WriteAllText(path, text);
        return path;
    }

    [GeneratedRegex(@"\{(\w+)\}")]
    private static partial Regex Placeholder();
}
