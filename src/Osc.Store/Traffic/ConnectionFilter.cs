using Dapper;
using Osc.Store.Files;

namespace Osc.Store.Traffic;

/// <summary>The SQL condition of a <see cref="ConnectionQuery"/>; every value is a parameter.</summary>
internal sealed class ConnectionFilter
{
    private readonly List<string> conditions = [];

    private ConnectionFilter(ConnectionQuery query)
    {
        Require("rule =", query.Rule);
        foreach (var prefix in new[] { query.Tenant, query.Policy }.OfType<string>())
        {
            // "0" is the character after "/": all rules of the tenant, or of the policy.
            Require("rule >=", prefix + "/");
            Require("rule <", prefix + "0");
        }

        if (query.Scope is { } scope)
        {
            conditions.Add(scope.Condition("substr(rule, 1, instr(rule, '/') - 1)", Values));
        }

        Require("source =", query.Source);
        Require("destination =", query.Destination);
        Require("host =", query.Host);
        Require("action =", query.Action);
        Require("time >=", StoredTime.From(query.From));
        Require("time <", StoredTime.From(query.To));
        Require("id <", query.Before);
    }

    /// <summary>With a space before it; empty where nothing is required.</summary>
    public string Where => conditions.Count == 0 ? "" : " where " + string.Join(" and ", conditions);

    public DynamicParameters Values { get; } = new();

    public static ConnectionFilter Of(ConnectionQuery query) => new(query);

    private void Require(string comparison, object? value)
    {
        if (value is not null)
        {
            var parameter = $"p{conditions.Count}";
            conditions.Add($"{comparison} @{parameter}");
            Values.Add(parameter, value);
        }
    }
}
