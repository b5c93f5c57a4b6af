using Dapper;

namespace Osc.Store;

/// <summary>The tenants that a question is confined to; none: nothing is found.</summary>
/// <param name="Patterns">Names, in which * stands for any characters.</param>
public sealed record TenantScope(IReadOnlyList<string> Patterns)
{
    /// <summary>The SQL condition that an expression is one of the tenants. Names and patterns have none of the characters that GLOB reads otherwise.</summary>
    internal string Condition(string expression, DynamicParameters values)
    {
        var alternatives = new List<string>();
        foreach (var pattern in Patterns)
        {
            var parameter = $"tenant{alternatives.Count}";
            values.Add(parameter, pattern);
            alternatives.Add($"{expression} glob @{parameter}");
        }

        return alternatives.Count == 0 ? "0" : $"({string.Join(" or ", alternatives)})";
    }
}
