using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
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

    public List<Issuer> Issuers(IReadOnlyList<OidcSection?> sections)
    {
        var issuers = new List<Issuer>();
        for (var i = 0; i < sections.Count; i++)
        {
            var path = $"oidc[{i}]";
            var section = sections[i] ?? new();
            if (!Name.TryParse(section.Name, out _) || issuers.Any(o => o.Name == section.Name) || section.Name == "agent")
            {
                checks.Add($"{path}.name: missing, there twice, or not usable; it stands before the actor's name in the audit log; allowed: {Name.Allowed}, and not agent");
            }

            if (!Uri.TryCreate(section.Issuer, UriKind.Absolute, out var address) || !(address.Scheme == "https" || (address.Scheme == "http" && address.IsLoopback)) || issuers.Any(o => o.Address == section.Issuer))
            {
                checks.Add($"{path}.issuer: missing, there twice, or no address whose keys can be believed; allowed: https://...");
            }

            if (string.IsNullOrWhiteSpace(section.Audience))
            {
                checks.Add($"{path}.audience: missing; without it a token for any other service of the issuer would do here");
            }

            if (section.ClockSkewSeconds is < 0 or > 300)
            {
                checks.Add($"{path}.clockSkewSeconds: {section.ClockSkewSeconds} is not possible; allowed: 0 to 300");
            }

            var grants = (section.Grants ?? []).Select((g, n) => ClaimGrant($"{path}.grants[{n}]", g ?? new())).OfType<ClaimGrant>().ToValueList();
            issuers.Add(new(
                section.Name ?? "", section.Issuer ?? "", section.Audience ?? "", Algorithms($"{path}.algorithms", section.Algorithms), TimeSpan.FromSeconds(section.ClockSkewSeconds ?? 60), section.ActorClaim ?? "sub", grants));
        }

        return issuers;
    }

    public List<CertificateSubject> Certificates(IReadOnlyList<CertificateSection?> sections, TlsFiles? tls)
    {
        if (sections.Count > 0 && tls?.ClientAuthority is null)
        {
            checks.Add("certificates: given, but without tls.clientCa clients show none");
        }

        var subjects = new List<CertificateSubject>();
        for (var i = 0; i < sections.Count; i++)
        {
            var path = $"certificates[{i}]";
            var section = sections[i] ?? new();
            var name = ActorName($"{path}.name", section.Name);
            var subject = SubjectOf(section.Subject);
            if (subject is null || subjects.Any(s => SubjectOf(s.Subject) == subject))
            {
                checks.Add($"{path}.subject: missing, there twice, or no distinguished name; allowed: for example CN=connector-1, O=Example");
            }

            subjects.Add(new(subject ?? "", name, Grants(path, section.Grants, new(section.Role, section.Tenants, section.Kinds, section.Names))));
        }

        return subjects;
    }

    private static string? SubjectOf(string? text)
    {
        try
        {
            return string.IsNullOrWhiteSpace(text) ? null : new X500DistinguishedName(text).Name;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private ValueList<string> Algorithms(string path, IReadOnlyList<string?>? names)
    {
        if (names is null)
        {
            return Issuer.UsualAlgorithms;
        }

        foreach (var name in names.Where(n => !Issuer.KnownAlgorithms.Contains(n)))
        {
            checks.Add($"{path}: '{name}' is not possible; allowed: {string.Join(", ", Issuer.KnownAlgorithms)}");
        }

        return names.Count > 0 ? names.OfType<string>().ToValueList() : checks.Fail(Issuer.UsualAlgorithms, $"{path}: there is none; leave the field out for {string.Join(", ", Issuer.UsualAlgorithms)}");
    }

    private ClaimGrant? ClaimGrant(string path, ClaimSection section)
    {
        if (string.IsNullOrEmpty(section.Claim) || string.IsNullOrEmpty(section.Value))
        {
            checks.Add($"{path}: needs claim and value");
        }

        if (section is { Tenants: not null, TenantsClaim: not null })
        {
            checks.Add($"{path}: needs either tenants or tenantsClaim");
        }

        return Grant(path, new(section.Role, section.Tenants, section.Kinds, section.Names)) is { } grant ? new(section.Claim ?? "", section.Value ?? "", grant, section.TenantsClaim) : null;
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
