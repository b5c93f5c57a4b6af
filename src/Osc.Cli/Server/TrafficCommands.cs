using System.CommandLine;
using System.Globalization;
using Osc.Cli.CommandLine;
using Osc.Cli.Terminal;

namespace Osc.Cli.Server;

/// <summary>osc traffic: what packets met.</summary>
internal static class TrafficCommands
{
    private const int UsualLimit = 100;

    public static DescribedCommand Create(Shell shell) => new(
        new Command("traffic", "Says what packets met: hits of rules, logged connections, who talks most.") { Rules(shell), Connections(shell), Talkers(shell), Drops(shell) },
        [
            "osc traffic rules --policy shop/shop-app",
            "osc traffic rules --never-hit",
            "osc traffic connections --rule shop/shop-app/web-to-db --from 2026-01-31T00:00:00Z",
            "osc traffic talkers --by source --action drop",
            "osc traffic drops --host h1",
        ]);

    private static Command Rules(Shell shell)
    {
        Option<string?>[] filters = [Tenant(), Policy(), Rule(), Host()];
        var neverHit = new Option<bool>("--never-hit") { Description = "Only rules that were never hit." };
        var command = Query(shell, "rules", "Says how often rules were hit, and when last.", filters, [neverHit], parsed => parsed.GetValue(neverHit) ? [("neverHit", "true")] : [], page =>
        {
            var table = new Table("rule", "hits", "bytes", "unreported", "last hit");
            foreach (var rule in page.Read<RuleTraffic>())
            {
                table.Row(rule.Exists ? rule.Rule : new Cell(rule.Rule, "grey"), rule.Hits, rule.Bytes, rule.Unreported, rule.LastHit is { } last ? Times.Show(last) : "never");
            }

            return table;
        });
        return command;
    }

    private static Command Connections(Shell shell) => Query(shell, "connections", "Lists connections that rules logged, newest first.", [.. ConnectionFilters()], [], _ => [], page =>
    {
        var table = new Table("time", "host", "rule", "side", "action", "source", "destination", "service", "bytes");
        foreach (var one in page.Read<LoggedConnection>())
        {
            var action = one.Mode == "observe" ? $"{one.Action} (observed)" : one.Action;
            table.Row(Times.Show(one.Time), one.Host, one.Rule, one.Side, action, End(one.Source, one.SourcePort), one.Destination, one.Service, one.Bytes);
        }

        return table;
    });

    private static Command Talkers(Shell shell)
    {
        Option<string?>[] filters = [.. ConnectionFilters(), Arguments.Text("--by", "rule|source|destination|pair", "By what; source unless said.")];
        return Query(shell, "talkers", "Ranks who has the most logged connections.", filters, [], _ => [], page =>
        {
            var table = new Table("who", "connections", "bytes", "last seen");
            foreach (var talker in page.Read<Talker>())
            {
                table.Row(string.Join(" to ", new[] { talker.Rule, talker.Source, talker.Destination }.OfType<string>()), talker.Connections, talker.Bytes, Times.Show(talker.LastSeen));
            }

            return table;
        });
    }

    private static Command Drops(Shell shell) => Query(shell, "drops", "Counts packets that ended where no rule decided.", [Host()], [], _ => [], page =>
    {
        var table = new Table("host", "table", "packets", "bytes", "last hit");
        foreach (var drop in page.Read<Drop>())
        {
            table.Row(drop.Host, drop.Table, drop.Packets, drop.Bytes, Times.Show(drop.LastHit));
        }

        return table;
    });

    /// <param name="filters">Their names are those of the API's parameters.</param>
    /// <param name="flags">Options of another kind; <paramref name="more"/> says what they mean for the API.</param>
    private static Command Query(
        Shell shell,
        string name,
        string description,
        IReadOnlyList<Option<string?>> filters,
        IReadOnlyList<Option> flags,
        Func<ParseResult, IEnumerable<(string Name, string Value)>> more,
        Func<Page, Table> show)
    {
        var limit = Arguments.Limit($"lines; {UsualLimit} unless said");
        var output = Arguments.Output();
        var server = new ServerOptions(shell);
        var command = new Command(name, description) { limit, output };
        foreach (var option in filters.Concat(flags))
        {
            command.Add(option);
        }

        server.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            if (server.Connect(parsed) is not { } client)
            {
                return ExitCode.BadUsage;
            }

            var path = filters.Aggregate(new QueryPath("traffic/" + name), (p, f) => p.With(f.Name.TrimStart('-'), parsed.GetValue(f)));
            path = more(parsed).Aggregate(path, (p, m) => p.With(m.Name, m.Value));
            var list = await Listing.ReadAllAsync(client, path, parsed.GetValue(limit) ?? UsualLimit, cancellation);
            return list.Body is { } body ? shell.Print(parsed.GetValue(output), body, () => Print(shell, list.Read<Page>(), show)) : shell.Fail(list);
        });
        return command;
    }

    private static void Print(Shell shell, Page page, Func<Page, Table> show)
    {
        show(page).Print(shell);
        if (page.Next is not null)
        {
            shell.Error.WriteLine("there are more: raise --limit");
        }
    }

    private static IEnumerable<Option<string?>> ConnectionFilters() =>
    [
        Tenant(), Policy(), Rule(), Host(),
        Arguments.Text("--source", "ADDRESS", "From this address."),
        Arguments.Text("--destination", "ADDRESS", "To this address."),
        Arguments.Text("--action", "ACTION", "Of rules with this action."),
        Arguments.Text("--from", "TIME", "At this time or later: 2026-01-31T12:00:00Z."),
        Arguments.Text("--to", "TIME", "Before this time."),
    ];

    private static Option<string?> Tenant() => Arguments.Text("--tenant", "TENANT", "Of this tenant's rules.");

    private static Option<string?> Policy() => Arguments.Text("--policy", "TENANT/POLICY", "Of this policy's rules.");

    private static Option<string?> Rule() => Arguments.Text("--rule", "TENANT/POLICY/RULE", "Of this rule.");

    private static Option<string?> Host() => Arguments.Text("--host", "HOST", "On this host.");

    private static string End(string address, int? port) => port is { } number ? string.Create(CultureInfo.InvariantCulture, $"{address} {number}") : address;
}
