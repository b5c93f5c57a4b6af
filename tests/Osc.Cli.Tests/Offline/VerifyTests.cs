using System.Text.Json;
using Xunit;

namespace Osc.Cli.Tests.Offline;

public sealed class VerifyTests
{
    [Fact]
    public async Task Verify_proves_the_flows_of_every_policy_set()
    {
        foreach (var set in Policies.All)
        {
            var run = await CliRun.Of("verify " + set);
            Assert.Equal((0, ""), (run.ExitCode, run.Error));
            Assert.DoesNotContain("no", run.Output.Split('\n').Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries).LastOrDefault()));
        }
    }

    [Fact]
    public async Task Verify_proves_flows_that_are_read_and_shows_a_packet_where_one_is_missing()
    {
        using var directory = new TemporaryDirectory();
        var flows = (await CliRun.Of($"compile {Policies.Shop} --host h1")).Output;
        var whole = await CliRun.Of($"verify {Policies.Shop} --host h1 --flows {directory.Write("whole.flows", flows)}");
        Assert.Equal((0, ""), (whole.ExitCode, whole.Error));

        var lines = flows.Split('\n');
        var without = string.Join('\n', lines.Where(l => !l.Contains("table=50,", StringComparison.Ordinal)));
        var run = await CliRun.Of($"verify {Policies.Shop} --host h1 --flows {directory.Write("less.flows", without)} -o json");
        Assert.Equal(1, run.ExitCode);
        using var json = JsonDocument.Parse(run.Output);
        var host = json.RootElement.GetProperty("hosts")[0];
        Assert.False(host.GetProperty("proven").GetBoolean());
        Assert.Contains("found dropped", host.GetProperty("faults")[0].GetString());
    }

    [Fact]
    public async Task Verify_says_which_line_is_no_flow()
    {
        var run = await CliRun.Of($"verify {Policies.Shop} --host h1 --flows -", "# comment\n\nnonsense\n");
        Assert.Equal(1, run.ExitCode);
        Assert.StartsWith("-:3: no actions in 'nonsense'", run.Error);
    }

    [Fact]
    public async Task Verify_wants_to_know_whose_flows_they_are()
    {
        var run = await CliRun.Of($"verify {Policies.Shop} --flows -");
        Assert.Equal((2, "--flows are of one host: say --host with one of h1, h2\n"), (run.ExitCode, run.Error));
    }
}
