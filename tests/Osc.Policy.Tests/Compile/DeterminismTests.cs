using Osc.Flows;
using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy.Compile;
using Osc.Policy.Validation;
using Osc.Scenarios;
using Xunit;

namespace Osc.Policy.Tests.Compile;

/// <summary>"Deterministic: the same state gives the same bytes." Output is a function of the state and the numbering, never of history or order.</summary>
public sealed class DeterminismTests
{
    private const int Seeds = 50;

    [Fact]
    public void Same_state_gives_the_same_bytes_in_whatever_order_its_documents_came()
    {
        for (var seed = 0; seed < Seeds; seed++)
        {
            var documents = RandomScenario.Of(seed).State.Documents.ToArray();
            var inOrder = TextOf(documents, HostNumbering.Empty);
            new Random(seed).Shuffle(documents);

            Assert.Equal(inOrder, TextOf(documents, HostNumbering.Empty));
        }
    }

    /// <summary>Compiling under the numbering that compiling gave changes nothing: neither flows nor numbers.</summary>
    [Fact]
    public void Own_numbering_gives_the_same_flows_and_numbering()
    {
        for (var seed = 0; seed < Seeds; seed++)
        {
            var state = RandomScenario.Of(seed).State;
            foreach (var host in state.Hosts)
            {
                var once = HostCompiler.Compile(state, host.Metadata.Name, HostNumbering.Empty);
                var twice = HostCompiler.Compile(state, host.Metadata.Name, once.Numbering);

                Assert.True(FlowDelta.Between(once.Flows, twice.Flows).IsEmpty, $"seed {seed}");
                Assert.Equal(once.Numbering.ToJson(), twice.Numbering.ToJson());
            }
        }
    }

    /// <summary>There and back again: the flows do what they did, whatever numbers they carry by then, and as many of them do it.</summary>
    [Fact]
    public void Way_there_and_back_ends_in_as_many_flows()
    {
        for (var seed = 0; seed < Seeds; seed++)
        {
            var here = RandomScenario.Of(seed, seed).State;
            var there = RandomScenario.Of(seed, seed + 1_000_000).State;
            foreach (var host in here.Hosts.Select(h => h.Metadata.Name))
            {
                var first = HostCompiler.Compile(here, host, HostNumbering.Empty);
                var last = HostCompiler.Update(here, host, HostCompiler.Update(there, host, first));

                Assert.Equal(CountsOf(first), CountsOf(last));
            }
        }
    }

    private static IEnumerable<(byte Table, int Count)> CountsOf(CompiledHost host) =>
        host.Flows.Bridges.SelectMany(b => b.Flows.GroupBy(f => f.Table)).Select(g => (g.Key, g.Count()));

    private static string TextOf(Document[] documents, HostNumbering numbering)
    {
        var state = StateValidator.Validate(new Revision(1), DocumentSet.Of(documents)).State ?? throw new InvalidOperationException("valid before");
        var compiled = state.Hosts.Select(h => HostCompiler.Compile(state, h.Metadata.Name, numbering));
        return string.Join('\n', compiled.SelectMany(c => c.Flows.Bridges.SelectMany(b => b.Flows.Select(f => $"{c.Flows.Host} {b.Bridge} {f}")).Append(c.Numbering.ToJson())));
    }
}
