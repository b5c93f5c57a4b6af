using System.Text.Json;
using Osc.Cli.Server;
using Osc.Cli.Terminal;
using Osc.Policy.Explain;

namespace Osc.Cli.Offline;

/// <summary>An explanation for people: verdict and sides first, then what was looked at, then who is in which group.</summary>
internal sealed class ExplainPrinter
{
    private readonly Shell shell;
    private readonly ExplainAnswer answer;

    private ExplainPrinter(Shell shell, ExplainAnswer answer)
    {
        this.shell = shell;
        this.answer = answer;
    }

    /// <param name="answer">An <see cref="ExplainAnswer"/>, made here or by a server.</param>
    public static int Print(Shell shell, OutputFormat format, JsonElement answer) => shell.Print(format, answer, () =>
        new ExplainPrinter(shell, answer.Deserialize<ExplainAnswer>(AnswerJson.Compact) ?? throw new InvalidOperationException("an answer is an object")).Print());

    private void Print()
    {
        var port = answer.DestinationPort is { } p ? $"/{p}" : answer.IcmpType is { } type ? $"/{type}/{answer.IcmpCode}" : "";
        var revision = answer.Revision is { } number ? $", at revision {number}" : "";
        shell.Line($"{answer.Source} -> {answer.Destination} {answer.Protocol}{port}, vrf {answer.Vrf}{revision}");
        shell.Markup("verdict: " + Cell.State(answer.Verdict).Markup(""));
        if (answer.Out is null && answer.In is null)
        {
            shell.Line(answer.Settled switch
            {
                "neighbourDiscovery" => "no policy is asked: neighbour discovery is settled before it",
                "dhcp" => "no policy is asked: DHCP client traffic passes",
                "multicast" => "no policy is asked: the network has no multicast or broadcast",
                _ => "no policy is asked: no workload has one of the addresses",
            });
        }
        else
        {
            PrintSides();
        }

        PrintGroups("source", answer.Source, answer.Groups?.Source);
        PrintGroups("destination", answer.Destination, answer.Groups?.Destination);
    }

    private void PrintSides()
    {
        var table = new Table("side", "workload", "action", "rule", "chain");
        foreach (var (name, side) in Sides())
        {
            table.Row(name, side.Workload, Cell.State(side.Action), side.Rule == ExplainAnswer.DefaultRule ? "default (no rule decided)" : side.Rule, side.Chain);
        }

        table.Print(shell);
        foreach (var (name, side) in Sides())
        {
            PrintSide(name, side);
        }
    }

    private IEnumerable<(string Name, ExplainSide Side)> Sides()
    {
        if (answer.Out is { } outSide)
        {
            yield return ("out", outSide);
        }

        if (answer.In is { } inSide)
        {
            yield return ("in", inSide);
        }
    }

    private void PrintSide(string name, ExplainSide side)
    {
        if (side.Tiers is not { } tiers)
        {
            return;
        }

        shell.Line();
        shell.Line($"{name}: {side.Interface}, {(side.Host is null ? "attached nowhere" : $"on {side.Host}, bridge {side.Bridge}, port {side.Port}")}");
        foreach (var tier in tiers)
        {
            PrintTier(tier);
        }

        if (side.Rule == ExplainAnswer.DefaultRule)
        {
            shell.Line($"  no rule decided: the default action of tenant {side.Workload.Split('/')[0]} is {side.Action}");
        }

        if (side.Origin is { } origin)
        {
            var reason = origin.Reason.Length > 0 ? $": {origin.Reason}" : "";
            var since = origin.IsOlder ? "the rule is at least as old as" : "the rule is as it is since";
            shell.Line($"  {since} revision {origin.Revision}, {Times.Show(origin.Time)}, by {origin.Actor}{reason}{(origin.Audit is { } record ? $" (audit record {record})" : "")}");
        }

        foreach (var flow in side.Flows ?? [])
        {
            shell.Line($"  flow for {flow.For}: table {flow.Table} ({flow.TableName}), priority {flow.Priority}, {flow.Match}, cookie {flow.Cookie}");
        }
    }

    private void PrintTier(ExplainTier tier)
    {
        shell.Line($"  tier {tier.Tier}: {tier.End switch { "decided" => "decides", "passed" => "passes to the next tier", _ => "no rule counts" }}");
        foreach (var rule in tier.Rules)
        {
            shell.Line($"    {rule.Rule} ({rule.Action}): {ReasonOf(rule)}");
        }

        if (tier.RulesNotListed > 0)
        {
            shell.Line($"    {tier.RulesNotListed} more rules do not count (--all lists them)");
        }

        // With --all they are among the rules.
        if (tier.RulesNotApplied > 0 && !tier.Rules.Any(r => r.Outcome == "appliedTo"))
        {
            shell.Line($"    {Count(tier.RulesNotApplied, "rule")} of {Count(tier.PoliciesNotApplied, "policy", "policies")} not applied to this workload");
        }
    }

    private static string ReasonOf(ExplainRule rule) => rule.Outcome switch
    {
        "disabled" => "is disabled",
        "direction" => "is for the other side",
        "appliedTo" => "appliedTo does not have this workload",
        "from" => "from does not have the source",
        "to" => "to does not have the destination",
        "services" => "no service matches",
        "observes" => $"only observes; matches {TextOf(rule.Matched)}",
        "counts" => $"counts: {TextOf(rule.Matched)}",
        var other => other,
    };

    private static string TextOf(ExplainMatch? matched) =>
        matched is null ? "" : $"appliedTo {matched.AppliedTo}, from {matched.From}, to {matched.To}, services {matched.Services}";

    private void PrintGroups(string end, string address, IReadOnlyList<ExplainGroup>? groups)
    {
        if (groups is null)
        {
            return;
        }

        shell.Line();
        shell.Line(groups.Count == 0 ? $"{end} {address} is in no group" : $"{end} {address} and groups:");
        foreach (var group in groups)
        {
            var by = string.Join(", ", group.By);
            shell.Line(group.Member ? $"  in {group.Group}: {by}" : $"  not in {group.Group}: {string.Join(", ", group.Except)}; otherwise {by}");
        }
    }

    private static string Count(int number, string one, string? many = null) => number == 1 ? $"1 {one}" : $"{number} {many ?? one + "s"}";
}
