using System.CommandLine;
using Osc.Cli.CommandLine;
using Osc.Cli.Server;

namespace Osc.Cli.Audit;

/// <summary>The options that say which records, each named as the API's parameter.</summary>
internal static class AuditFilters
{
    public static IReadOnlyList<Option<string?>> Create() =>
    [
        Arguments.Text("--actor", "NAME", "Who did it."),
        Arguments.Text("--action", "ACTION", "What was done: document.create, document.update, document.delete, request.refused, rollout.ack, alarm.raise, ..."),
        Arguments.Text("--tenant", "TENANT", "To documents of this tenant."),
        Arguments.Text("--kind", "KIND", "To documents of this kind."),
        Arguments.Text("--name", "NAME", "To documents of this name."),
        Arguments.Text("--revision", "N", "In this revision."),
        Arguments.Text("--sequence", "N", "With this number."),
        Arguments.Text("--address", "ADDRESS", "From this address."),
        Arguments.Text("--request", "ID", "In this request."),
        Arguments.Text("--outcome", "TEXT", "With exactly this outcome: ok, or what went wrong."),
        Arguments.Text("--from", "TIME", "At this time or later: 2026-01-31T12:00:00Z."),
        Arguments.Text("--to", "TIME", "Before this time."),
        Arguments.Text("--text", "TEXT", "With this text in it."),
    ];

    public static QueryPath Apply(IEnumerable<Option<string?>> filters, QueryPath path, ParseResult parsed) =>
        filters.Aggregate(path, (p, f) => p.With(f.Name.TrimStart('-'), parsed.GetValue(f)));
}
