using Osc.Cli.Terminal;
using Osc.Policy.Planning;

namespace Osc.Cli.Offline;

/// <summary>For people: what a change means for connections, assertions and rules.</summary>
internal static class EffectsPrinter
{
    public static void Print(Shell shell, PlanEffects effects)
    {
        shell.Line();
        if (effects.Allowed.Count + effects.Dropped.Count + effects.AnsweredOtherwise.Count == 0)
        {
            shell.Line("no connection fares otherwise than before");
        }

        Print(shell, "[green]newly allowed[/]", effects.Allowed);
        Print(shell, "[red]newly dropped[/]", effects.Dropped);
        Print(shell, "[yellow]rejected instead of dropped, or the other way round[/]", effects.AnsweredOtherwise);
        if (effects.BrokenAssertions.Count > 0)
        {
            shell.Markup("[red]assertions that would not hold[/]: an apply is refused");
            foreach (var broken in effects.BrokenAssertions)
            {
                shell.Line($"  {broken.Assertion}: {broken.Counterexample}");
            }
        }

        if (effects.IdleRules.Count > 0)
        {
            shell.Markup($"[yellow]rules that would do nothing[/] (of {effects.IdleRulesOf})");
            foreach (var idle in effects.IdleRules)
            {
                shell.Line($"  {idle.Rule} {FaultOf(idle)}");
            }
        }
    }

    private static void Print(Shell shell, string title, IReadOnlyList<PlannedConnections> connections)
    {
        if (connections.Count == 0)
        {
            return;
        }

        shell.Markup(title);
        foreach (var group in connections)
        {
            var workloads = group.Workloads switch { "appear" => ", workloads that appear", "go" => ", workloads that go", _ => "" };
            var open = group.OpenConnections switch { "cut" => "; open ones are cut", "keep" => "; open ones are kept", _ => "" };
            var decided = (group.Before.Count, group.After.Count) switch
            {
                (0, 0) => "",
                (0, _) => $"by {Rules(group.After)}",
                (_, 0) => $"was by {Rules(group.Before)}",
                _ => $"by {Rules(group.After)}, was by {Rules(group.Before)}",
            };
            shell.Line($"  {group.Sources} -> {group.Destinations}: {group.Services}{open} ({decided}{workloads}, vrf {group.Vrf})");
        }
    }

    private static string Rules(IReadOnlyList<string> rules) => string.Join(" and ", rules.Distinct());

    private static string FaultOf(IdleRule idle) => idle.Fault switch
    {
        "neverMatches" => "can match nothing",
        "shadowed" => $"comes after rules that decide all that it matches: {string.Join(", ", idle.By)}",
        "redundant" => "changes no verdict: without it each would be the same",
        var other => other,
    };
}
