using System.Text.Json.Serialization;
using Osc.Controller.Identities;

namespace Osc.Controller.Configuration;

/// <summary>The configuration file as it is written: JSON with comments; unknown fields are errors.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record ConfigurationFile
{
    public string? Listen { get; init; }

    public TlsSection? Tls { get; init; }

    public string? Store { get; init; }

    public string? TrafficStore { get; init; }

    public BrokerSection? Broker { get; init; }

    public LogSection? Log { get; init; }

    public AuditSection? Audit { get; init; }

    public EnrolmentSection? Enrolment { get; init; }

    public int? MaxFlowsPerHost { get; init; }

    public LimitsSection? Limits { get; init; }

    public NamesSection? Names { get; init; }

    public IReadOnlyList<TokenSection?>? Tokens { get; init; }

    public IReadOnlyList<OidcSection?>? Oidc { get; init; }

    public IReadOnlyList<CertificateSection?>? Certificates { get; init; }

    public IReadOnlyList<AgentSection?>? Agents { get; init; }
}

/// <summary>The audit log.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record AuditSection
{
    public string? KeyFile { get; init; }

    public int? KeepDays { get; init; }

    public string? Archive { get; init; }

    public SyslogSection? Syslog { get; init; }
}

/// <summary>The collector of audit records.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record SyslogSection
{
    public string? Url { get; init; }

    public string? Authority { get; init; }
}

/// <summary>An agent in the controller's own process.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record AgentSection
{
    public string? Host { get; init; }

    public OvsSection? Ovs { get; init; }

    public string? State { get; init; }
}

[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record OvsSection
{
    public string? RunDirectory { get; init; }

    public string? Database { get; init; }
}

[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record TlsSection
{
    public string? Certificate { get; init; }

    public string? Key { get; init; }

    public string? ClientCa { get; init; }
}

/// <summary>The authority that signs agents' certificates.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record EnrolmentSection
{
    public string? Authority { get; init; }

    public string? Key { get; init; }

    public int? Days { get; init; }

    public string? Broker { get; init; }
}

/// <summary>The broker; the password may stand in the url, or better in a file.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record BrokerSection
{
    public string? Url { get; init; }

    public string? PasswordFile { get; init; }

    public string? Authority { get; init; }

    public string? Certificate { get; init; }

    public string? Key { get; init; }
}

[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record LogSection
{
    public string? Format { get; init; }

    public string? Level { get; init; }
}

/// <summary>How much a caller may ask.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record LimitsSection
{
    public int? RequestsPerSecond { get; init; }

    public int? Burst { get; init; }

    public int? UnknownPerSecond { get; init; }

    public int? UnknownBurst { get; init; }

    public int? Questions { get; init; }

    public int? Streams { get; init; }

    public int? Connections { get; init; }

    public int? RequestSeconds { get; init; }
}

/// <summary>How DNS names that groups have are resolved.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record NamesSection
{
    public bool? Resolve { get; init; }

    public IReadOnlyList<string?>? Servers { get; init; }

    public int? MaxNames { get; init; }

    public int? MaxAddresses { get; init; }

    public int? GraceSeconds { get; init; }
}

/// <summary>A token: its digest, or a file that holds the secret; and what it grants, once or as a list.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record TokenSection
{
    public string? Name { get; init; }

    public string? Role { get; init; }

    public IReadOnlyList<string?>? Tenants { get; init; }

    public IReadOnlyList<string?>? Kinds { get; init; }

    public IReadOnlyList<string?>? Names { get; init; }

    public IReadOnlyList<GrantText?>? Grants { get; init; }

    public string? Sha256 { get; init; }

    public string? File { get; init; }
}

/// <summary>An OpenID Connect provider, and what its tokens' claims grant.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record OidcSection
{
    public string? Name { get; init; }

    public string? Issuer { get; init; }

    public string? Audience { get; init; }

    public IReadOnlyList<string?>? Algorithms { get; init; }

    public int? ClockSkewSeconds { get; init; }

    public string? ActorClaim { get; init; }

    public IReadOnlyList<ClaimSection?>? Grants { get; init; }
}

[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record ClaimSection
{
    public string? Claim { get; init; }

    public string? Value { get; init; }

    public string? Role { get; init; }

    public IReadOnlyList<string?>? Tenants { get; init; }

    public string? TenantsClaim { get; init; }

    public IReadOnlyList<string?>? Kinds { get; init; }

    public IReadOnlyList<string?>? Names { get; init; }
}

/// <summary>The subject of a client's certificate, and what it grants.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record CertificateSection
{
    public string? Subject { get; init; }

    public string? Name { get; init; }

    public string? Role { get; init; }

    public IReadOnlyList<string?>? Tenants { get; init; }

    public IReadOnlyList<string?>? Kinds { get; init; }

    public IReadOnlyList<string?>? Names { get; init; }

    public IReadOnlyList<GrantText?>? Grants { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, ReadCommentHandling = System.Text.Json.JsonCommentHandling.Skip, AllowTrailingCommas = true)]
[JsonSerializable(typeof(ConfigurationFile))]
internal sealed partial class ConfigurationFileJson : JsonSerializerContext;
