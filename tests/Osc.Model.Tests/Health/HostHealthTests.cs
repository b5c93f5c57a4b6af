using System.Text;
using System.Text.RegularExpressions;
using Osc.Model.Health;
using Xunit;

namespace Osc.Model.Tests.Health;

/// <summary>The state machine over all facts that there can be, and the page that prints it.</summary>
public sealed partial class HostHealthTests
{
    private static readonly HostFacts[] All =
    [
        .. from agent in Enum.GetValues<AgentContact>()
           from contact in Enum.GetValues<SwitchContact>()
           from flows in Enum.GetValues<FlowProgress>()
           from fault in new[] { false, true }
           select new HostFacts(agent, contact, flows, fault),
    ];

    /// <summary>What can happen: each changes one fact.</summary>
    private static readonly (string What, Func<HostFacts, bool> Can, Func<HostFacts, HostFacts> To)[] Events =
    [
        ("the agent is heard", f => f.Agent != AgentContact.Heard, f => f with { Agent = AgentContact.Heard }),
        ("the agent missed three heartbeats", f => f.Agent is AgentContact.Heard or AgentContact.Awaited, f => f with { Agent = AgentContact.Lost }),
        ("the controller starts anew", f => f.Agent is AgentContact.Heard or AgentContact.Lost, f => f with { Agent = AgentContact.Awaited }),
        ("the switch is found", f => f.Agent == AgentContact.Heard && f.Switch != SwitchContact.There, f => f with { Switch = SwitchContact.There }),
        ("the switch is lost", f => f.Agent == AgentContact.Heard && f.Switch != SwitchContact.Away, f => f with { Switch = SwitchContact.Away }),
        ("the agent starts anew", f => f.Agent == AgentContact.Heard && f.Switch != SwitchContact.Unseen, f => f with { Switch = SwitchContact.Unseen }),
        ("the host should have other flows", f => f.Agent == AgentContact.Heard && f.Flows != FlowProgress.OnTheWay, f => f with { Flows = FlowProgress.OnTheWay }),
        ("the switch confirms the flows", f => f.Agent == AgentContact.Heard && f.Flows != FlowProgress.InForce, f => f with { Flows = FlowProgress.InForce }),
        ("the switch refuses flows", f => f.Agent == AgentContact.Heard && f.Flows != FlowProgress.Refused, f => f with { Flows = FlowProgress.Refused }),
        ("another critical fault comes up", f => f.Agent == AgentContact.Heard && !f.HasFault, f => f with { HasFault = true }),
        ("the last other critical fault is over", f => f.Agent == AgentContact.Heard && f.HasFault, f => f with { HasFault = false }),
    ];

    [Fact]
    public void Enforcing_means_that_the_agent_is_heard_its_switch_confirmed_everything_and_nothing_is_wrong() => Assert.All(All, facts =>
        Assert.Equal(facts == new HostFacts(AgentContact.Heard, SwitchContact.There, FlowProgress.InForce, HasFault: false), HostHealth.Of(facts) == HostState.Enforcing));

    [Fact]
    public void Only_what_is_heard_of_the_agent_counts_as_long_as_it_is_not_heard() => Assert.All(All.Where(f => f.Agent != AgentContact.Heard), facts =>
        Assert.Equal(
            facts.Agent switch { AgentContact.Never => HostState.Unknown, AgentContact.Lost => HostState.Silent, _ => HostState.Connecting },
            HostHealth.Of(facts)));

    [Fact]
    public void Whatever_is_wrong_with_a_host_that_is_heard_degrades_it_and_nothing_else_does() => Assert.All(All.Where(f => f.Agent == AgentContact.Heard), facts =>
        Assert.Equal(facts.HasFault || facts.Switch == SwitchContact.Away || facts.Flows == FlowProgress.Refused, HostHealth.Of(facts) == HostState.Degraded));

    [Fact]
    public void Every_rule_decides_something_and_every_state_is_some_facts() => Assert.Equal(
        (HostHealth.Rules.ToHashSet(), Enum.GetValues<HostState>().ToHashSet()),
        (All.Select(HostHealth.RuleFor).ToHashSet(), All.Select(HostHealth.Of).ToHashSet()),
        (a, b) => a.Item1.SetEquals(b.Item1) && a.Item2.SetEquals(b.Item2));

    [Fact]
    public void Every_combination_of_facts_comes_about_from_a_host_that_was_never_heard()
    {
        var seen = new HashSet<HostFacts> { new(AgentContact.Never, SwitchContact.Unseen, FlowProgress.OnTheWay, HasFault: false) };
        var open = new Queue<HostFacts>(seen);
        while (open.TryDequeue(out var facts))
        {
            foreach (var next in Events.Where(e => e.Can(facts)).Select(e => e.To(facts)).Where(seen.Add))
            {
                open.Enqueue(next);
            }
        }

        // Of a host that was never heard nothing else is known.
        Assert.Equal(All.Count(f => f.Agent != AgentContact.Never) + 1, seen.Count);
    }

    [Fact]
    public void Page_prints_the_rules_and_every_transition()
    {
        var path = Path.Combine(RepositoryPath(), "docs", "operations.md");
        var page = File.ReadAllText(path);
        var expected = Block().Replace(page, $"<!-- host states -->\n{Table()}<!-- end of host states -->");
        if (Environment.GetEnvironmentVariable("OSC_UPDATE_GOLDEN") == "1")
        {
            File.WriteAllText(path, expected);
        }

        Assert.Matches(Block(), page);
        Assert.Equal(expected, File.ReadAllText(path));
    }

    [Fact]
    public void Page_lists_every_kind_of_alarm()
    {
        var page = File.ReadAllText(Path.Combine(RepositoryPath(), "docs", "operations.md"));
        Assert.All(AlarmKind.All, kind => Assert.Contains($"\n| `{kind.Name}` | {Word(kind.Severity)} | {kind.Meaning} |", page, StringComparison.Ordinal));
        Assert.Equal(AlarmKind.All.Length, AlarmKind.All.DistinctBy(k => k.Name).Count());
    }

    [Fact]
    public void Kind_of_a_newer_agent_is_a_warning_under_its_own_name() =>
        Assert.Equal(("fan-broken", AlarmSeverity.Warning), (AlarmKind.Of("fan-broken").Name, AlarmKind.Of("fan-broken").Severity));

    private static string Table()
    {
        var text = new StringBuilder("\nThe first row that holds says the state:\n\n| state | when |\n|---|---|\n");
        foreach (var rule in HostHealth.Rules)
        {
            text.Append($"| {Word(rule.State)} | {rule.When} |\n");
        }

        var states = Enum.GetValues<HostState>();
        text.Append("\nSo one thing that happens leads from the state at the head of a column to the states in it; where there are several, the other facts decide:\n\n");
        text.Append($"| what happens | {string.Join(" | ", states.Select(s => Word(s)))} |\n|---|{string.Concat(states.Select(_ => "---|"))}\n");
        foreach (var (what, can, to) in Events)
        {
            var cells = states.Select(from => string.Join(", ", All.Where(f => HostHealth.Of(f) == from && can(f)).Select(f => HostHealth.Of(to(f))).Distinct().Order().Select(s => s == from ? "stays" : Word(s))));
            text.Append($"| {what} | {string.Join(" | ", cells)} |\n");
        }

        return text.Append('\n').ToString();
    }

    private static string Word(Enum value) => value.ToString().ToLowerInvariant();

    private static string RepositoryPath()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "Osc.sln")))
        {
            directory = directory.Parent;
        }

        return directory?.FullName ?? throw new InvalidOperationException("the test does not run inside the repository");
    }

    [GeneratedRegex("<!-- host states -->.*?<!-- end of host states -->", RegexOptions.Singleline)]
    private static partial Regex Block();
}
