using System.Security.Claims;

namespace Osc.Controller.Identities;

/// <summary>Somebody who has shown who he is.</summary>
/// <param name="actor">The name in the audit log.</param>
/// <param name="source">By what: token, oidc, certificate, development.</param>
/// <param name="permissions">What he may do.</param>
public sealed class CallerIdentity(string actor, string source, Permissions permissions)
    : ClaimsIdentity([new Claim(ClaimTypes.Name, actor)], source)
{
    public string ActorName { get; } = actor;

    public string Source { get; } = source;

    public Permissions Permissions { get; } = permissions;

    /// <summary>Who made the token that was shown, who made his, and so on; nobody where the configuration, an issuer or a certificate says who it is.</summary>
    public IReadOnlyList<string> MadeBy { get; init; } = [];

    /// <summary>When what was shown ends to count; null: it does not end by itself.</summary>
    public DateTimeOffset? Expires { get; init; }
}
