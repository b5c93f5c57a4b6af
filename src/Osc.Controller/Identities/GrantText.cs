using System.Text.Json.Serialization;
using Osc.Controller.Configuration;
using Osc.Model;
using Osc.Model.Documents;

namespace Osc.Controller.Identities;

/// <summary>A grant as configuration, API and store write it.</summary>
/// <param name="Role">viewer, editor, approver, auditor, admin or agent.</param>
/// <param name="Tenants">Names or patterns ("shop-*"); absent: everything, also what belongs to no tenant.</param>
/// <param name="Kinds">Kinds of documents; absent: every kind.</param>
/// <param name="Names">Names or patterns of documents; absent: every name.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record GrantText(
    string? Role = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<string?>? Tenants = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<string?>? Kinds = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<string?>? Names = null)
{
    /// <summary>Patterns, or kinds, of one grant.</summary>
    public const int MaxEntries = 100;

    public static GrantText Of(Grant grant) => new(
        grant.Role.ToString().ToLowerInvariant(),
        grant.Scope.Tenants?.Select(t => t.ToString()).ToArray(),
        grant.Scope.Kinds?.Select(k => k.ToString()).ToArray(),
        grant.Scope.Names?.Select(n => n.ToString()).ToArray());

    /// <summary>Reads the grant.</summary>
    /// <param name="fail">Is told what is wrong: at which field, what, and what is allowed.</param>
    /// <returns>null if anything is wrong. An empty list is: it could be taken for "nothing" or for "everything".</returns>
    public Grant? Read(Action<string, string, string> fail)
    {
        var isGood = true;
        if (!TryRole(Role, out var role))
        {
            Fail("role", Role is null ? "missing" : $"'{Role}' is not known", AllowedRoles);
        }

        var scope = new GrantScope
        {
            Tenants = Read<NamePattern>("tenants", Tenants, NamePattern.TryParse, NamePattern.Allowed),
            Kinds = Read<Kind>("kinds", Kinds, TryKind, string.Join(", ", Enum.GetNames<Kind>())),
            Names = Read<NamePattern>("names", Names, NamePattern.TryParse, NamePattern.Allowed),
        };
        return isGood ? new(role, scope) : null;

        void Fail(string path, string message, string allowed)
        {
            isGood = false;
            fail(path, message, allowed);
        }

        ValueList<T>? Read<T>(string path, IReadOnlyList<string?>? texts, TryRead<T> read, string allowed)
        {
            if (texts is null)
            {
                return null;
            }

            if (texts.Count is 0 or > MaxEntries)
            {
                Fail(path, $"{texts.Count} entries", $"1 to {MaxEntries}; leave the field out for all");
                return null;
            }

            var values = new List<T>();
            for (var i = 0; i < texts.Count; i++)
            {
                if (read(texts[i], out var value))
                {
                    values.Add(value);
                }
                else
                {
                    Fail($"{path}[{i}]", $"'{texts[i]}' is none", allowed);
                }
            }

            return values.ToValueList();
        }
    }

    public static readonly string AllowedRoles = string.Join(", ", Enum.GetNames<Role>().Select(r => r.ToLowerInvariant()));

    private delegate bool TryRead<T>(string? text, out T value);

    // Enum.TryParse would also take numbers.
    private static bool TryRole(string? text, out Role role) => Enum.TryParse(text, ignoreCase: true, out role) && text!.All(char.IsAsciiLetter); // it was parsed

    private static bool TryKind(string? text, out Kind kind) => Enum.TryParse(text, ignoreCase: true, out kind) && text!.All(char.IsAsciiLetter); // it was parsed
}
