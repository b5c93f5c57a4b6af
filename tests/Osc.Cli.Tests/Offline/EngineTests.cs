using Osc.Policy.Incremental;
using Xunit;

namespace Osc.Cli.Tests.Offline;

public sealed class EngineTests
{
    [Fact]
    public async Task Engine_prints_every_node_below_what_it_follows_from()
    {
        var run = await CliRun.Of("engine");

        Assert.Equal(0, run.ExitCode);
        Assert.Equal(EngineGraph.Nodes.Select(n => n.Name), run.Output.Split('\n').Skip(1).Where(l => l.Length > 0).Select(l => l.Split("  ")[0]));
    }

    [Fact]
    public async Task Engine_prints_json_for_machines()
    {
        var run = await CliRun.Of("engine --output json");

        Assert.Equal(0, run.ExitCode);
        Assert.All(EngineGraph.Nodes, n => Assert.Contains($"\"{n.Name}\"", run.Output));
    }
}
