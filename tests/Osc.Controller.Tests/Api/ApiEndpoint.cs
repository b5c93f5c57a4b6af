namespace Osc.Controller.Tests.Api;

/// <summary>How to call an endpoint: about the tenant shop, and the same about the tenant bank.</summary>
/// <param name="Pattern">The route, as documentation has it.</param>
/// <param name="Own">A path, with its query, about the shop.</param>
/// <param name="Other">The same about the bank; null where the request has no place to name a tenant.</param>
internal sealed record ApiEndpoint(HttpMethod Method, string Pattern, string Own, string? Other = null)
{
    public string? OwnBody { get; init; }

    public string? OtherBody { get; init; }

    public string ContentType { get; init; } = "application/yaml";

    private const string ShopService = """{"apiVersion":"osc/v1","kind":"Service","metadata":{"name":"probe","tenant":"shop"},"spec":{"ports":["tcp/7"]}}""";

    private const string BankService = """{"apiVersion":"osc/v1","kind":"Service","metadata":{"name":"probe","tenant":"bank"},"spec":{"ports":["tcp/7"]}}""";

    /// <summary>Every endpoint but the anonymous ones. A delete comes after what puts the document there.</summary>
    public static readonly IReadOnlyList<ApiEndpoint> All =
    [
        Get("/api/v1/auth/whoami", "/api/v1/auth/whoami"),
        Get("/api/v1/auth/can-i", "/api/v1/auth/can-i?access=read&tenant=shop", "/api/v1/auth/can-i?access=read&tenant=bank"),
        Get("/api/v1/auth/tokens", "/api/v1/auth/tokens"),
        new(HttpMethod.Post, "/api/v1/auth/tokens", "/api/v1/auth/tokens", "/api/v1/auth/tokens")
        {
            OwnBody = """{"name":"{NAME}","grants":[{"role":"viewer","tenants":["shop"]}]}""",
            OtherBody = """{"name":"{NAME}","grants":[{"role":"viewer","tenants":["bank"]}]}""",
            ContentType = "application/json",
        },
        new(HttpMethod.Delete, "/api/v1/auth/tokens/{id}", "/api/v1/auth/tokens/{SHOP}", "/api/v1/auth/tokens/{BANK}"),
        Get("/api/v1/documents", "/api/v1/documents?tenant=shop", "/api/v1/documents?tenant=bank"),
        Get("/api/v1/{tenant}/{kind}", "/api/v1/shop/policy", "/api/v1/bank/policy"),
        Get("/api/v1/{tenant}/{kind}/{name}", "/api/v1/shop/policy/app", "/api/v1/bank/policy/vault-policy"),
        Get("/api/v1/{tenant}/{kind}/{name}/blame", "/api/v1/shop/policy/app/blame", "/api/v1/bank/policy/vault-policy/blame"),
        new(HttpMethod.Put, "/api/v1/{tenant}/{kind}/{name}", "/api/v1/shop/service/probe", "/api/v1/bank/service/probe") { OwnBody = ShopService, OtherBody = BankService, ContentType = "application/json" },
        new(HttpMethod.Delete, "/api/v1/{tenant}/{kind}/{name}", "/api/v1/shop/service/probe", "/api/v1/bank/service/probe"),
        Post("/api/v1/apply", ShopService, BankService),
        Post("/api/v1/plan", ShopService, BankService),
        Post("/api/v1/explain", """{"from":"shop/web-1","to":"shop/db-1","service":"tcp/5432"}""", """{"from":"bank/vault-1","to":"10.66.0.9","service":"tcp/666"}"""),
        Post("/api/v1/reach", """{"from":"shop/web","to":"shop/db"}""", """{"from":"bank/vault","to":"bank/vault"}"""),
        Get("/api/v1/emergencies", "/api/v1/emergencies"),
        new(HttpMethod.Post, "/api/v1/emergencies", "/api/v1/emergencies", "/api/v1/emergencies") { OwnBody = ShopService, OtherBody = BankService, ContentType = "application/json" },
        new(HttpMethod.Post, "/api/v1/emergencies/close", "/api/v1/emergencies/close?policy=shop/cut", "/api/v1/emergencies/close?policy=bank/cut"),
        Get("/api/v1/proposals", "/api/v1/proposals?state=all"),
        Post("/api/v1/proposals", ShopService, BankService),
        Get("/api/v1/proposals/{id}", "/api/v1/proposals/1", "/api/v1/proposals/2"),
        new(HttpMethod.Post, "/api/v1/proposals/{id}/approve", "/api/v1/proposals/1/approve", "/api/v1/proposals/2/approve"),
        new(HttpMethod.Post, "/api/v1/proposals/{id}/reject", "/api/v1/proposals/1/reject", "/api/v1/proposals/2/reject"),
        Get("/api/v1/hosts", "/api/v1/hosts"),
        Get("/api/v1/hosts/{name}", "/api/v1/hosts/h1"),
        new(HttpMethod.Post, "/api/v1/hosts/{name}/enrolment", "/api/v1/hosts/h1/enrolment", null),
        Get("/api/v1/alarms", "/api/v1/alarms?state=all"),
        Get("/api/v1/rollouts", "/api/v1/rollouts"),
        Get("/api/v1/rollouts/{revision}", "/api/v1/rollouts/1", "/api/v1/rollouts/2"),
        Get("/api/v1/revisions", "/api/v1/revisions"),
        Get("/api/v1/revisions/{revision}/documents", "/api/v1/revisions/1/documents", "/api/v1/revisions/2/documents"),
        Get("/api/v1/audit", "/api/v1/audit?tenant=shop", "/api/v1/audit?tenant=bank"),
        Get("/api/v1/audit/archives", "/api/v1/audit/archives"),
        Get("/api/v1/audit/checkpoint", "/api/v1/audit/checkpoint"),
        Get("/api/v1/audit/counts", "/api/v1/audit/counts?by=tenant&tenant=shop", "/api/v1/audit/counts?by=tenant&tenant=bank"),
        Get("/api/v1/audit/tail", "/api/v1/audit/tail?after=0&limit=1"),
        Get("/api/v1/audit/keys", "/api/v1/audit/keys"),
        Get("/api/v1/audit/peaks", "/api/v1/audit/peaks?size=1"),
        Get("/api/v1/audit/proofs/consistency", "/api/v1/audit/proofs/consistency?from=1"),
        Get("/api/v1/audit/proofs/inclusion", "/api/v1/audit/proofs/inclusion?sequence=1"),
        Get("/api/v1/traffic/rules", "/api/v1/traffic/rules?tenant=shop", "/api/v1/traffic/rules?tenant=bank"),
        Get("/api/v1/traffic/connections", "/api/v1/traffic/connections?tenant=shop", "/api/v1/traffic/connections?tenant=bank"),
        Get("/api/v1/traffic/talkers", "/api/v1/traffic/talkers?tenant=shop", "/api/v1/traffic/talkers?tenant=bank"),
        Get("/api/v1/traffic/drops", "/api/v1/traffic/drops"),
        Get("/metrics", "/metrics"),
        Get("/docs", "/docs"),
        Get("/openapi/{documentName}.json", "/openapi/v1.json"),
    ];

    private static ApiEndpoint Get(string pattern, string own, string? other = null) => new(HttpMethod.Get, pattern, own, other);

    private static ApiEndpoint Post(string pattern, string own, string other) => new(HttpMethod.Post, pattern, pattern, pattern) { OwnBody = own, OtherBody = other, ContentType = "application/json" };
}
