using System.Security.Cryptography;
using System.Text;
using Osc.Controller.Identities;
using Osc.Model;

namespace Osc.Controller.Configuration;

/// <summary>Reads the part of the configuration that says who may do what.</summary>
internal sealed class IdentityReader(SettingChecks checks)
{
    private readonly HashSet<string> names = [];

    public List<Token> Tokens(IReadOnlyList<TokenSection?> sections)
    {
        var tokens = new List<Token>();
        for (var i = 0; i < sections.Count; i++)
        {
            var path = $"tokens[{i}]";
            var section = sections[i] ?? new();
            var name = ActorName($"{path}.name", section.Name);
            var grants = Grants(path, section.Grants, new(section.Role, section.Tenants, section.Kinds, section.Names));
            if (Digest(path, section) is { } digest)
            {
                tokens.Add(new(name, grants, digest));
            }
        }

        return tokens;
    }

    /// <summary>A name that stands for one identity alone.</summary>
    private string ActorName(string path, string? name)
    {
        if (!ActorNames.IsUsable(name))
        {
            checks.Add($"{path}: missing or not usable; it names the actor in the audit log; allowed: {ActorNames.Allowed}");
        }
        else if (!names.Add(name!)) // a usable name is one
        {
            checks.Add($"{path}: '{name}' is there twice");
        }

        return name ?? "";
    }

    /// <summary>Grants as a list, or the one that stands in the section itself.</summary>
    private ValueList<Grant> Grants(string path, IReadOnlyList<GrantText?>? list, GrantText single)
    {
        if (list is null)
        {
            return Grant(path, single) is { } grant ? [grant] : [];
        }

        if (single != new GrantText() || list.Count == 0)
        {
            checks.Add($"{path}: needs either grants, at least one, or role with tenants, kinds and names");
        }

        return list.Select((g, i) => Grant($"{path}.grants[{i}]", g ?? new())).OfType<Grant>().ToValueList();
    }

    private Grant? Grant(string path, GrantText text) => text.Read((field, message, allowed) => checks.Add($"{path}.{field}: {message}; allowed: {allowed}"));

    private byte[]? Digest(string path, TokenSection section)
    {
        switch (section)
        {
            case { Sha256: { } hex, File: null }:
                return hex.Length == 64 && hex.All(char.IsAsciiHexDigit) ? Convert.FromHexString(hex) : checks.Fail<byte[]>($"{path}.sha256: not 64 hexadecimal digits");
            case { Sha256: null, File: { } file }:
                return checks.ReadSecret($"{path}.file", file) is { } secret ? SHA256.HashData(Encoding.UTF8.GetBytes(secret)) : null;
            default:
                return checks.Fail<byte[]>($"{path}: needs either sha256 or file");
        }
    }
}
