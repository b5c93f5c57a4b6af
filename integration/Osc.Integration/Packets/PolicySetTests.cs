using Osc.Lab;
using Osc.Lab.Probes;
using Osc.Model;
using Osc.Policy;
using Osc.Policy.Compile;
using Osc.Policy.Decisions;
using Xunit;

namespace Osc.Integration.Packets;

/// <summary>The policy sets on real switches, compiled and put there without a controller: every pair, service and family, before and after a change.</summary>
public sealed class PolicySetTests
{
    public static TheoryData<string> Names => [.. PolicySet.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Packets_do_what_the_documents_mean_before_and_after_a_change(string name)
    {
        var set = PolicySet.Read(name);
        await using var lab = await PolicyLab.BuildAsync("packet", set.State);
        await using var matrix = Matrix.Open(lab, set.State, hasAgents: false);
        var compiled = set.State.Hosts.ToDictionary(h => h.Metadata.Name, h => HostCompiler.Compile(set.State, h.Metadata.Name, HostNumbering.Empty));
        await InstallAsync(lab, compiled.Values);

        var before = await matrix.TryAsync(set.State);
        AssertAgree(before);
        Assert.Contains(before, t => t.Expected.Verdict == Verdict.Allow && t.From.Host == t.To.Host);
        Assert.Contains(before, t => t.Expected.Verdict == Verdict.Allow && t.From.Host != t.To.Host);
        Assert.Contains(before, t => t.Expected.Verdict == Verdict.Drop);

        var changed = set.Changed();
        await InstallAsync(lab, changed.Hosts.Select(h => HostCompiler.Update(changed, h.Metadata.Name, compiled[h.Metadata.Name])));

        var after = await matrix.TryAsync(changed);
        AssertAgree(after);
        Assert.Contains(before.Join(after, t => t.Connection, t => t.Connection, (b, a) => (b, a)), t => t.b.Observed != t.a.Observed);
    }

    [Fact]
    public async Task Matrix_disagrees_just_where_the_switches_enforce_another_state()
    {
        var set = PolicySet.Read("three-tier-shop");
        var changed = set.Changed();
        await using var lab = await PolicyLab.BuildAsync("packet", set.State);
        await using var matrix = Matrix.Open(lab, set.State, hasAgents: false);
        await InstallAsync(lab, changed.Hosts.Select(h => HostCompiler.Compile(changed, h.Metadata.Name, HostNumbering.Empty)));

        var trials = await matrix.TryAsync(set.State);

        var passing = trials.Where(t => t.Expected.Verdict != Verdict.Allow && Decider.Decide(changed, t.Connection).Verdict == Verdict.Allow).ToArray();
        Assert.NotEmpty(passing);
        Assert.Equal(passing, trials.Where(t => !t.Agrees));
        Assert.All(passing, t => Assert.True(t.Observed is Observed.Answered or Observed.Arrived, t.ToString()));
    }

    [Fact]
    public async Task Workload_reaches_nothing_while_its_switch_has_no_flows()
    {
        var set = PolicySet.Read("three-tier-shop");
        await using var lab = await PolicyLab.BuildAsync("packet", set.State);
        await using var matrix = Matrix.Open(lab, set.State, hasAgents: false);

        var trials = await matrix.TryAsync(Without(set.State));

        Assert.All(trials, t => Assert.Equal(Observed.Silent, t.Observed));
    }

    /// <summary>The same inventory without rules: everything is expected to be dropped, so that no silence is tried twice.</summary>
    private static State Without(State state) => Policy.Validation.StateValidator.Validate(
        state.Revision,
        Model.Documents.DocumentSet.Of(state.Documents.Where(d => d is not Model.Documents.PolicyDocument))).State
        ?? throw new InvalidOperationException("an inventory without policies is valid");

    private static async Task InstallAsync(PolicyLab lab, IEnumerable<CompiledHost> hosts)
    {
        foreach (var host in hosts)
        {
            await lab.InstallAsync(host.Flows);
        }
    }

    private static void AssertAgree(IReadOnlyList<Trial> trials)
    {
        Assert.NotEmpty(trials);
        var disagreeing = trials.Where(t => !t.Agrees).ToArray();
        Assert.True(disagreeing.Length == 0, $"{disagreeing.Length} of {trials.Count} disagree:\n{string.Join('\n', disagreeing.Take(20).Select(t => t.ToString()))}");
    }
}
