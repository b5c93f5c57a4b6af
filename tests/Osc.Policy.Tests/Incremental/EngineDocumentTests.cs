using System.Text;
using Osc.Model.Documents;
using Osc.Policy.Incremental;
using Xunit;

namespace Osc.Policy.Tests.Incremental;

/// <summary>The engine's wiring: that it is in order, names code that is there, and is printed in docs/engine.md.</summary>
public sealed class EngineDocumentTests
{
    [Fact]
    public void Every_node_follows_from_documents_and_nodes_above_it()
    {
        var known = EngineGraph.Documents.ToHashSet();
        foreach (var node in EngineGraph.Nodes)
        {
            Assert.All(node.Inputs, input => Assert.Contains(input, known));
            Assert.True(known.Add(node.Name), node.Name);
        }
    }

    [Fact]
    public void Every_node_names_its_code_and_every_kind_that_flows_follow_from_is_an_input()
    {
        Assert.All(EngineGraph.Nodes, n => Assert.NotNull(typeof(EngineGraph).Assembly.GetType($"Osc.Policy.Incremental.{n.Code}")));
        Assert.All(EngineGraph.Documents, d => Assert.True(Enum.TryParse<Kind>(d, out _)));
        Assert.All(EngineGraph.Documents, d => Assert.Contains(EngineGraph.Nodes, n => n.Inputs.Contains(d)));
    }

    /// <summary>OSC_UPDATE_GOLDEN=1 writes the table anew.</summary>
    [Fact]
    public void Docs_engine_prints_the_wiring()
    {
        var path = Path.Combine(Repository.Root, "docs", "engine.md");
        var text = File.ReadAllText(path);
        var table = Table();
        const string begin = "<!-- graph: printed by EngineDocumentTests -->";
        const string end = "<!-- end -->";
        var from = text.IndexOf(begin, StringComparison.Ordinal) + begin.Length;
        var to = text.IndexOf(end, from, StringComparison.Ordinal);
        if (Environment.GetEnvironmentVariable("OSC_UPDATE_GOLDEN") == "1")
        {
            File.WriteAllText(path, text[..from] + "\n\n" + table + "\n" + text[to..]);
            return;
        }

        Assert.Equal(table.Trim(), text[from..to].Trim());
    }

    private static string Table()
    {
        var table = new StringBuilder("| node | follows from | holds | what a change costs | code |\n|---|---|---|---|---|\n");
        foreach (var node in EngineGraph.Nodes)
        {
            table.Append($"| {node.Name} | {string.Join(", ", node.Inputs)} | {node.Holds} | {node.Step} | `{node.Code}` |\n");
        }

        return table.ToString();
    }
}
