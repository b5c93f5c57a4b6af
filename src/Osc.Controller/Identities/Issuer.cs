using Osc.Model;

namespace Osc.Controller.Identities;

/// <summary>Somebody whose signed tokens (JWT, RFC 7519) say who comes: an OpenID Connect provider.</summary>
/// <param name="Name">Stands before the actor's name: "corp/alice".</param>
/// <param name="Address">What its tokens have as "iss"; its keys are found under it, at /.well-known/openid-configuration.</param>
/// <param name="Audience">What its tokens for this controller have as "aud".</param>
/// <param name="Algorithms">Signatures that count; asymmetric ones (RFC 8725, section 3.1).</param>
/// <param name="ClockSkew">How far its clock may be off.</param>
/// <param name="ActorClaim">The claim that names the person.</param>
public sealed record Issuer(string Name, string Address, string Audience, ValueList<string> Algorithms, TimeSpan ClockSkew, string ActorClaim, ValueList<ClaimGrant> Grants)
{
    /// <summary>Signatures that can be allowed: each with a private key that only the issuer has.</summary>
    public static readonly IReadOnlyList<string> KnownAlgorithms = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"];

    public static readonly ValueList<string> UsualAlgorithms = ["RS256", "PS256", "ES256"];

    /// <summary>What a token's claims grant.</summary>
    /// <param name="values">The values of a claim; none where it is missing.</param>
    public ValueList<Grant> GrantsOf(Func<string, IReadOnlyList<string>> values) => [.. Grants.Select(g => g.Of(values)).OfType<Grant>()];
}

/// <summary>What a claim grants.</summary>
/// <param name="Claim">The claim, for example "groups".</param>
/// <param name="Value">One of its values has to be this.</param>
/// <param name="Grant">What is granted.</param>
/// <param name="TenantsClaim">The claim whose values are the tenants that it is granted for; null: those that the grant says.</param>
public sealed record ClaimGrant(string Claim, string Value, Grant Grant, string? TenantsClaim)
{
    /// <returns>null: nothing. A tenant in a claim is a name and never a pattern; what is no name grants nothing.</returns>
    public Grant? Of(Func<string, IReadOnlyList<string>> values)
    {
        if (!values(Claim).Contains(Value, StringComparer.Ordinal))
        {
            return null;
        }

        if (TenantsClaim is null)
        {
            return Grant;
        }

        var tenants = new List<NamePattern>();
        foreach (var text in values(TenantsClaim))
        {
            if (Model.Name.TryParse(text, out _) && NamePattern.TryParse(text, out var tenant))
            {
                tenants.Add(tenant);
            }
        }

        return tenants.Count == 0 ? null : Grant with { Scope = Grant.Scope with { Tenants = tenants.ToValueList() } };
    }
}

/// <summary>A machine that shows who it is by a certificate.</summary>
/// <param name="Subject">The certificate's subject.</param>
/// <param name="Name">The actor in the audit log.</param>
public sealed record CertificateSubject(string Subject, string Name, ValueList<Grant> Grants);
