using System.Collections.Frozen;
using Osc.Controller.Api.Problems;
using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy.Validation;

namespace Osc.Controller.Api.Requests;

/// <summary>Reads the parts of a document's path: tenant, kind in any case and also in the plural, name.</summary>
public static class DocumentPath
{
    private static readonly FrozenDictionary<string, Kind> Kinds = Enum.GetValues<Kind>()
        .SelectMany(k => new[] { (Text: k.ToString(), Kind: k), (Text: PluralOf(k), Kind: k) })
        .ToFrozenDictionary(p => p.Text, p => p.Kind, StringComparer.OrdinalIgnoreCase);

    /// <summary>The kinds as paths spell them, for error texts.</summary>
    public static string AllowedKinds => string.Join(", ", Enum.GetNames<Kind>().Select(n => n.ToLowerInvariant()));

    public static bool TryKind(string? text, out Kind kind)
    {
        kind = default;
        return text is not null && Kinds.TryGetValue(text, out kind);
    }

    public static bool TryTenant(string? text, out Name tenant) => Name.TryParse(text, out tenant) && !ReservedTenants.Contains(tenant);

    /// <summary>A path that cannot be a document's is a path that is not there: 404.</summary>
    public static bool TryRead(string tenant, string kind, string name, out DocumentKey key, out Problem? problem)
    {
        key = default;
        problem = !TryTenant(tenant, out _) ? NotFound("tenant", tenant, Name.Allowed)
            : !TryKind(kind, out _) ? NotFound("kind", kind, AllowedKinds)
            : !Name.TryParse(name, out _) ? NotFound("name", name, Name.Allowed)
            : null;
        if (problem is null)
        {
            key = new(Name.Parse(tenant), Kinds[kind], Name.Parse(name));
        }

        return problem is null;
    }

    public static Problem NotFound(string part, string value, string allowed) =>
        Problem.Of(StatusCodes.Status404NotFound, $"there can be no {part} '{value}'", new ProblemError("", part, $"'{value}' is no {part}", allowed));

    private static string PluralOf(Kind kind)
    {
        var name = kind.ToString();
        return name.EndsWith('y') ? name[..^1] + "ies" : name + "s";
    }
}
