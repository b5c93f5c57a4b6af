using System.ComponentModel;
using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Net.Http.Headers;
using Osc.Controller.Api.Json;
using Osc.Controller.Api.Limits;
using Osc.Controller.Api.Problems;
using Osc.Controller.Api.Reference;
using Osc.Controller.Api.Requests;
using Osc.Controller.Api.Security;
using Osc.Controller.Configuration;
using Osc.Controller.Loop;
using Osc.Model;
using Osc.Model.Documents;
using Osc.Store.Traffic;

namespace Osc.Controller.Api.Traffic;

/// <summary>What packets met: hits of rules, logged connections, who talks most.</summary>
public static class TrafficEndpoints
{
    private const string Tag = "Traffic";
    private const string NdJson = "application/x-ndjson";

    public static void MapTraffic(this IEndpointRouteBuilder api)
    {
        api.MapGet("/traffic/rules", Rules).Needs(Access.Read, Extent.Permitted).Describe(Tag, "Says how often rules were hit, and which never").Answers<RuleTrafficList>().Refuses(400, 429).IsHeavy();
        api.MapGet("/traffic/connections", Connections).Needs(Access.Read, Extent.Permitted)
            .Describe(Tag, "Queries the connections that rules logged, newest first; with Accept: application/x-ndjson streams all that match, a line each")
            .Answers<ConnectionList>().AnswersLines(NdJson).Refuses(400, 429).IsStream();
        api.MapGet("/traffic/talkers", Talkers).Needs(Access.Read, Extent.Permitted).Describe(Tag, "Ranks rules, sources, destinations or pairs by their logged connections").Answers<TalkerList>().Refuses(400);
        api.MapGet("/traffic/drops", Drops).Needs(Access.Read, Extent.Everything).Describe(Tag, "Counts packets that ended where no rule decided, by host and table of the pipeline").Answers<DropList>();
    }

    private static IResult Rules(HttpContext context, TrafficStore store, PolicyLoop policy, [AsParameters] RuleTrafficParameters parameters)
    {
        if (parameters.Check(out var page) is { } problem)
        {
            return problem.ToResult();
        }

        var counts = store.ReadRules(parameters.Host).ToLookup(c => c.Rule);
        var confinement = Confinement.Of(context);
        var standing = StandingRules(policy.Current.State, confinement.NamedTenants);
        var onlyIdle = parameters.NeverHit == "true";
        var names = (onlyIdle ? standing.Where(r => !counts.Contains(r)) : standing.Union(counts.Select(c => c.Key)))
            .Where(r => parameters.Wants(r) && (confinement.IsNone || confinement.ShowsTenantOf(r)) && (page.After is null || string.CompareOrdinal(r, page.After) > 0))
            .Order(StringComparer.Ordinal)
            .Take(page.Limit + 1)
            .ToArray();
        var items = names.Take(page.Limit).Select(r => ItemOf(r, standing.Contains(r), [.. counts[r]])).ToArray();
        return TypedResults.Json(new RuleTrafficList(items, names.Length > page.Limit ? Page.Encode(items[^1].Rule) : null), AnswerJson.Types.RuleTrafficList);
    }

    private static IResult Connections(HttpContext context, TrafficStore store, [AsParameters] ConnectionParameters parameters)
    {
        var (query, problem) = parameters.Read();
        if (query is null)
        {
            return problem!.ToResult();
        }

        query = query with { Scope = Confinement.Of(context).Scope };

        var wantsLines = MediaTypeHeaderValue.TryParseList(context.Request.Headers.Accept, out var accepted)
            && accepted.Any(t => t.MediaType.Equals(NdJson, StringComparison.OrdinalIgnoreCase));
        if (wantsLines)
        {
            return Results.Stream(stream => WriteLinesAsync(stream, store, query, parameters.Limit is null ? null : query.Limit, context.RequestAborted), NdJson);
        }

        var records = store.ReadConnections(query with { Limit = query.Limit + 1 });
        var items = records.Take(query.Limit).Select(ItemOf).ToArray();
        return TypedResults.Json(
            new ConnectionList(items, records.Count > query.Limit ? Page.Encode(items[^1].Id.ToString(CultureInfo.InvariantCulture)) : null), AnswerJson.Types.ConnectionList);
    }

    private static IResult Talkers(
        HttpContext context,
        TrafficStore store,
        [AsParameters] ConnectionParameters parameters,
        [FromQuery(Name = "by"), Description("rule, source, destination or pair; source unless said.")] string? by)
    {
        var (query, problem) = parameters.Read();
        TalkerKey? key = by switch { null or "source" => TalkerKey.Source, "rule" => TalkerKey.Rule, "destination" => TalkerKey.Destination, "pair" => TalkerKey.Pair, _ => null };
        return query is null ? problem!.ToResult()
            : key is not { } known ? Problem.BadParameter("by", $"'{by}' is none of them", "rule, source, destination, pair").ToResult()
            : TypedResults.Json(
                new TalkerList([.. store.ReadTalkers(query with { Scope = Confinement.Of(context).Scope }, known).Select(t => new TalkerItem(t.Rule, t.Source, t.Destination, t.Connections, t.Bytes, t.LastSeen))]), AnswerJson.Types.TalkerList);
    }

    private static IResult Drops(TrafficStore store, [FromQuery(Name = "host"), Description("Of this host alone.")] string? host) => TypedResults.Json(
        new DropList([.. store.ReadDrops(host).Select(d => new DropItem(d.Host, d.Table, d.Packets, d.Bytes, d.LastHit))]), AnswerJson.Types.DropList);

    /// <param name="tenants">Only of these; null: of all.</param>
    private static HashSet<string> StandingRules(Policy.State state, IReadOnlyList<Name>? tenants) =>
        [.. from policy in tenants is null ? state.Documents.OfType<PolicyDocument>() : tenants.SelectMany(state.PoliciesOf)
            from rule in policy.Rules
            where rule.Mode != RuleMode.Disabled
            select new RuleKey(policy.Metadata.QualifiedName, rule.Name).ToString()];

    private static RuleTrafficItem ItemOf(string rule, bool exists, RuleCount[] counts) => new(
        rule,
        exists,
        counts.Sum(c => c.Packets),
        counts.Sum(c => c.Bytes),
        counts.Sum(UnreportedOf),
        counts.Length == 0 ? null : counts.Max(c => c.LastHit),
        [.. counts.Select(c => new RuleSideItem(c.Host, c.Side.ToString().ToLowerInvariant(), c.Packets, c.Bytes, c.Reported, UnreportedOf(c), c.LastHit))]);

    /// <summary>Records come as soon as they are there, counts from time to time: for a moment there may be more records than hits.</summary>
    private static long UnreportedOf(RuleCount count) => Math.Max(0, count.Logged - count.Reported);

    private static ConnectionItem ItemOf(ConnectionRecord record) => new(
        record.Id,
        record.Time,
        record.Host,
        record.Rule,
        record.Side.ToString().ToLowerInvariant(),
        record.Action,
        record.Mode,
        record.Source,
        record.Destination,
        IpProtocol.NameOf(record.Protocol),
        record.SourcePort,
        record.DestinationPort,
        record.IcmpType,
        record.IcmpCode,
        record.Bytes);

    /// <param name="limit">null: all that match.</param>
    private static async Task WriteLinesAsync(Stream stream, TrafficStore store, ConnectionQuery query, int? limit, CancellationToken cancellation)
    {
        var written = 0;
        while (true)
        {
            var records = store.ReadConnections(query with { Limit = Math.Min(limit - written ?? ConnectionQuery.MaxLimit, ConnectionQuery.MaxLimit) });
            foreach (var record in records)
            {
                await JsonSerializer.SerializeAsync(stream, ItemOf(record), AnswerJson.Types.ConnectionItem, cancellation);
                await stream.WriteAsync("\n"u8.ToArray(), cancellation);
            }

            written += records.Count;
            if (records.Count == 0 || written >= limit)
            {
                return;
            }

            query = query with { Before = records[^1].Id };
        }
    }
}
