using System.Security.Cryptography;
using System.Text;
using Osc.Controller.Configuration;
using Xunit;

namespace Osc.Controller.Tests.Attacks;

/// <summary>Ways to be let in without a token that counts, or as somebody else.</summary>
internal static class TokenAttacks
{
    private const string About = "Being let in";

    private static readonly string Secret = TestController.SecretOf(Role.Admin);

    public static readonly IReadOnlyList<Attack> All =
    [
        new(About, "a good token in the URL", s => s.AskAsync(HttpMethod.Get, $"/api/v1/documents?access_token={Uri.EscapeDataString(Secret)}", null), 401) { Check = NowhereInTheLog },
        new(About, "a good token in a form's body", s => s.AskAsync(HttpMethod.Post, "/api/v1/apply", null, $"access_token={Uri.EscapeDataString(Secret)}", "application/x-www-form-urlencoded"), 401),
        Header("a good token in a cookie", $"Cookie: token={Secret}; Authorization={Secret}"),
        Header("a good token in another header", $"X-Api-Key: {Secret}"),
        Header("a good token without its scheme", $"Authorization: {Secret}"),
        Header("a good token under another scheme", $"Authorization: Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes("admin:" + Secret))}"),
        Header("the digest of a good token", $"Authorization: Bearer {Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Secret)))}"),
        Header("the beginning of a good token", $"Authorization: Bearer {Secret[..^1]}"),
        Header("a good token in another case", $"Authorization: Bearer {Secret.ToUpperInvariant()}"),
        new(About, "the id of a token that was made", s => s.AskAsync(HttpMethod.Get, "/api/v1/documents", $"osc_{s.BankTokenId}_"), 401),
        new(About, "two tokens in two headers, one of them good", s => s.SendRawAsync($"GET /api/v1/documents HTTP/1.1\r\nHost: osc\r\nConnection: close\r\nAuthorization: Bearer nonsense\r\nAuthorization: Bearer {Secret}\r\n\r\n"), 401, 400),
        Header("the name of somebody, as a proxy would pass it on", "X-Forwarded-User: admin"),
        Header("a certificate, as a proxy would pass it on", "X-Forwarded-Client-Cert: Subject=\"CN=connector-1,O=Example\""),
        Header("the page of another site", "Origin: https://evil.example.com"),
        new(About, "a write that is sent as a read, and named by a header", s => s.AskAsync(HttpMethod.Get, "/api/v1/bank/policy/vault-policy", TestController.SecretInShop(Role.Viewer), null, null, "X-HTTP-Method-Override: DELETE"), 403),
        new(About, "a path that a header names", s => s.AskAsync(HttpMethod.Get, "/healthz", null, null, null, "X-Original-URL: /api/v1/documents", "X-Rewrite-URL: /api/v1/documents"), 200) { Check = (a, _) => Assert.Equal("ok\n", a.Text) },
        new(About, "any path, to learn by its answer whether it is there", s => s.AskAsync(HttpMethod.Get, "/api/v1/bank/policy/vault-policy", null), 401) { Check = SaysNothing },
        new(About, "the description of the API, without a token", s => s.AskAsync(HttpMethod.Get, "/openapi/v1.json", null), 401) { Check = SaysNothing },
        new(About, "a method that nobody knows, without a token", s => s.AskAsync(new("BREW"), "/api/v1/documents", null), 401) { Check = (a, s) => Assert.DoesNotContain("BREW", s.Controller.GetAsync("/metrics").Result.Text, StringComparison.Ordinal) },
        new(About, "what the health check tells a stranger", s => s.AskAsync(HttpMethod.Get, "/readyz", null), 200) { Check = (a, _) => Assert.Equal("""{"status":"ok"}""", a.Text) },
        new(About, "a page of another site that reads answers", s => s.AskAsync(HttpMethod.Get, "/api/v1/documents", s.Editor, null, null, "Origin: https://evil.example.com"), 200) { Check = (a, _) => Assert.DoesNotContain(a.Headers.Keys, h => h.StartsWith("Access-Control", StringComparison.OrdinalIgnoreCase)) },
        new(About, "a page of another site that asks what it may send", s => s.AskAsync(HttpMethod.Options, "/api/v1/apply", null, null, null, "Origin: https://evil.example.com", "Access-Control-Request-Method: POST"), 401),
    ];

    private static Attack Header(string name, string header) => new(About, name, s => s.AskAsync(HttpMethod.Get, "/api/v1/documents", null, null, null, header), 401);

    private static void NowhereInTheLog(Answer answer, AttackScene scene) =>
        Assert.DoesNotContain(Secret, scene.Controller.GetAsync("/api/v1/audit?limit=1000").Result.Text, StringComparison.Ordinal);

    /// <summary>A refusal has a type, a title, how to do it right, and the request's id.</summary>
    private static void SaysNothing(Answer answer, AttackScene scene) => Assert.Equal(
        $$"""{"type":"urn:osc:problem:unauthorized","title":"A valid token is needed","status":401,"detail":"send the header: Authorization: Bearer TOKEN","requestId":"{{answer.Headers["Osc-Request-Id"]}}","errors":[]}""", answer.Text);
}
