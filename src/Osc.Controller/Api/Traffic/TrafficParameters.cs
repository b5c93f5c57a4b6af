using System.ComponentModel;
using System.Globalization;
using Microsoft.AspNetCore.Mvc;
using Osc.Controller.Api.Problems;
using Osc.Controller.Api.Requests;
using Osc.Model;
using Osc.Store.Traffic;

namespace Osc.Controller.Api.Traffic;

/// <summary>Which rules. All that is given must hold.</summary>
public sealed record RuleTrafficParameters(
    [property: FromQuery(Name = "tenant"), Description("Rules of this tenant.")] string? Tenant,
    [property: FromQuery(Name = "policy"), Description("Rules of this policy: tenant/policy.")] string? Policy,
    [property: FromQuery(Name = "rule"), Description("This rule: tenant/policy/rule.")] string? Rule,
    [property: FromQuery(Name = "host"), Description("Hits on this host alone.")] string? Host,
    [property: FromQuery(Name = "neverHit"), Description("true: only rules that stand and were never hit.")] string? NeverHit,
    [property: FromQuery(Name = "limit"), Description("How many items to give at most.")] string? Limit,
    [property: FromQuery(Name = "cursor"), Description("The 'next' of the page before.")] string? Cursor)
{
    internal Problem? Check(out Page page) =>
        !Page.TryRead(Limit, Cursor, out page, out var problem) ? problem
        : NeverHit is not (null or "true" or "false") ? Problem.BadParameter("neverHit", $"'{NeverHit}' is neither true nor false", "true, false")
        : null;

    /// <param name="rule">"tenant/policy/rule".</param>
    internal bool Wants(string rule) =>
        (Tenant is null || rule.StartsWith(Tenant + "/", StringComparison.Ordinal))
        && (Policy is null || rule.StartsWith(Policy + "/", StringComparison.Ordinal))
        && (Rule is null || rule == Rule);
}

/// <summary>Which connection records. All that is given must hold.</summary>
public sealed record ConnectionParameters(
    [property: FromQuery(Name = "tenant"), Description("Records of this tenant's rules.")] string? Tenant,
    [property: FromQuery(Name = "policy"), Description("Records of this policy's rules: tenant/policy.")] string? Policy,
    [property: FromQuery(Name = "rule"), Description("Records of this rule: tenant/policy/rule.")] string? Rule,
    [property: FromQuery(Name = "host"), Description("Records of this host.")] string? Host,
    [property: FromQuery(Name = "source"), Description("Connections from this address.")] string? Source,
    [property: FromQuery(Name = "destination"), Description("Connections to this address.")] string? Destination,
    [property: FromQuery(Name = "action"), Description("Records of rules with this action: allow, drop, reject, pass, inspect.")] string? Action,
    [property: FromQuery(Name = "from"), Description("At this time or later (RFC 3339).")] string? From,
    [property: FromQuery(Name = "to"), Description("Before this time (RFC 3339).")] string? To,
    [property: FromQuery(Name = "limit"), Description("How many items to give at most.")] string? Limit,
    [property: FromQuery(Name = "cursor"), Description("The 'next' of the page before.")] string? Cursor)
{
    internal (ConnectionQuery? Query, Problem? Problem) Read()
    {
        if (!Page.TryRead(Limit, Cursor, out var page, out var problem))
        {
            return (null, problem);
        }

        var (from, to) = (TimeOf(From), TimeOf(To));
        long before = 0;
        problem = From is not null && from is null ? Problem.BadParameter("from", $"'{From}' is no time", TimeAllowed)
            : To is not null && to is null ? Problem.BadParameter("to", $"'{To}' is no time", TimeAllowed)
            : page.After is not null && !long.TryParse(page.After, NumberStyles.None, CultureInfo.InvariantCulture, out before) ? Problem.BadParameter("cursor", "it is not one that this list gave as 'next'")
            : IsNoAddress(Source) ? Problem.BadParameter("source", $"'{Source}' is no address", AddressAllowed)
            : IsNoAddress(Destination) ? Problem.BadParameter("destination", $"'{Destination}' is no address", AddressAllowed)
            : null;
        return problem is not null ? (null, problem) : (new ConnectionQuery
        {
            Tenant = Tenant,
            Policy = Policy,
            Rule = Rule,
            Host = Host,
            Source = Canonical(Source),
            Destination = Canonical(Destination),
            Action = Action,
            From = from,
            To = to,
            Before = page.After is null ? null : before,
            Limit = page.Limit,
        }, null);
    }

    private const string TimeAllowed = "RFC 3339, for example 2026-01-31T12:00:00Z";

    private const string AddressAllowed = "an IPv4 or IPv6 address";

    private static bool IsNoAddress(string? text) => text is not null && !IpAddress.TryParse(text, out _);

    private static string? Canonical(string? address) => address is null ? null : IpAddress.Parse(address).ToString();

    private static DateTimeOffset? TimeOf(string? text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;
}
