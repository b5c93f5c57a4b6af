using Osc.Controller.Configuration;
using Xunit;

namespace Osc.Controller.Tests.Attacks;

/// <summary>Text that something behind the API could take for more than text.</summary>
internal static class InjectionAttacks
{
    private const string About = "Text that is more than text";

    private const string Sql = "x' or '1'='1";

    public static readonly IReadOnlyList<Attack> All =
    [
        Sqlite("SQL in the actor of the audit log", $"/api/v1/audit?actor={Uri.EscapeDataString(Sql)}"),
        Sqlite("SQL that ends the statement, in the name of the audit log", $"/api/v1/audit?name={Uri.EscapeDataString("x'; delete from audit; --")}"),
        Sqlite("syntax of the text search", $"/api/v1/audit?text={Uri.EscapeDataString("\"zzzz\" OR actor:admin NOT NEAR(a b)")}"),
        Sqlite("pattern of SQL in the tenant", "/api/v1/audit?tenant=%25"),
        Sqlite("pattern of GLOB in the tenant", "/api/v1/audit?tenant=%2A"),
        Sqlite("SQL in a rule's name", $"/api/v1/traffic/connections?rule={Uri.EscapeDataString(Sql)}"),
        Sqlite("SQL in a host's name", $"/api/v1/alarms?state=all&host={Uri.EscapeDataString(Sql)}"),
        new(About, "SQL in a token's id", s => s.AskAsync(HttpMethod.Delete, $"/api/v1/auth/tokens/{Uri.EscapeDataString(Sql)}", s.Admin), 404),
        new(About, "SQL in a document's name", s => s.GetAsync($"/api/v1/shop/policy/{Uri.EscapeDataString(Sql)}"), 404),
        new(About, "line break in the path, to write a line of the log", s => s.AskAsync(HttpMethod.Get, "/nowhere%0d%0a401%20GET%20forged%1b%5b2J", null), 401)
        {
            Check = (_, s) => Assert.All(
                s.Controller.GetAsync("/api/v1/audit?action=request.refused&limit=1000", Role.Auditor).Result.Json.GetProperty("items").EnumerateArray().Select(r => r.GetProperty("outcome").GetString() ?? ""),
                outcome => Assert.DoesNotContain(outcome, char.IsControl)),
        },
        new(About, "line break in a path that a refusal repeats", s => s.GetAsync("/nowhere%0d%0aSet-Cookie:%20a=b"), 404) { Check = (a, _) => Assert.False(a.Headers.ContainsKey("Set-Cookie")) },
        new(About, "markup in a path that a refusal repeats", s => s.GetAsync("/%3Cscript%3Ealert(1)%3C/script%3E"), 404)
        {
            Check = (a, _) => Assert.Equal(("application/problem+json", "nosniff", "default-src 'none'; frame-ancestors 'none'"), (a.Type, a.Headers["X-Content-Type-Options"], a.Headers["Content-Security-Policy"])),
        },
        new(About, "line break in the reason", s => s.SendRawAsync($"GET /api/v1/documents HTTP/1.1\r\nHost: osc\r\nConnection: close\r\nAuthorization: Bearer {s.Editor}\r\nOsc-Reason: a\rb\r\n\r\n"), 400),
        new(About, "end of text in a header", s => s.SendRawAsync($"GET /api/v1/documents HTTP/1.1\r\nHost: osc\r\nConnection: close\r\nAuthorization: Bearer {s.Editor}\r\nOsc-Reason: a\0b\r\n\r\n"), 400),
        new(About, "way out of the documentation's directory", s => s.SendRawAsync($"GET /docs/../../../../etc/passwd HTTP/1.1\r\nHost: osc\r\nConnection: close\r\nAuthorization: Bearer {s.Editor}\r\n\r\n"), 404),
        new(About, "way out by the name of the API's description", s => s.GetAsync("/openapi/..%2f..%2f..%2fetc%2fpasswd.json"), 404),
        new(About, "way out by encoded dots", s => s.GetAsync("/%2e%2e/%2e%2e/etc/passwd"), 404),
        new(About, "way out by backslashes", s => s.GetAsync("/api/v1/shop/policy/..%5c..%5cosc.db"), 404),
        new(About, "address in place of a DNS name, to have it fetched", s => s.ApplyAsync("""{"apiVersion":"osc/v1","kind":"SecurityGroup","metadata":{"name":"g","tenant":"shop"},"spec":{"members":[{"fqdn":"ADDRESS/keys"}]}}""".Replace("ADDRESS", s.Foreign.Address, StringComparison.Ordinal)), 422) { Check = (_, s) => Assert.Equal(0, s.Foreign.Fetches) },
        new(About, "address of the cloud's own service in place of a DNS name", s => s.ApplyAsync("""{"apiVersion":"osc/v1","kind":"SecurityGroup","metadata":{"name":"g","tenant":"shop"},"spec":{"members":[{"fqdn":"169.254.169.254"}]}}"""), 422),
        new(About, "selector that a backtracking parser would not end", s => s.GetAsync($"/api/v1/documents?selector={Uri.EscapeDataString(string.Concat(Enumerable.Repeat("a in (a,", 400)) + "!")}"), 400),
        new(About, "number that is too large", s => s.GetAsync("/api/v1/documents?limit=99999999999999999999"), 400),
        new(About, "number below the first", s => s.GetAsync("/api/v1/documents?limit=-1"), 400),
        new(About, "cursor of another list", s => s.GetAsync("/api/v1/revisions?cursor=YmFuay9OZXR3b3JrL2E"), 400),
        new(About, "cursor that is no text", s => s.GetAsync("/api/v1/documents?cursor=_____w"), 400),
        new(About, "time that there is not", s => s.AskAsync(HttpMethod.Get, "/api/v1/audit?from=99999-99-99", s.Auditor), 400),
    ];

    /// <summary>Nothing is found, or the parameter is refused; never everything.</summary>
    private static Attack Sqlite(string name, string path) => new(About, name, s => s.AskAsync(HttpMethod.Get, path, TestController.SecretOf(Role.Auditor)), 200, 400)
    {
        Check = (a, _) => Assert.True(a.Status == 400 || a.Json.GetProperty("items").GetArrayLength() == 0, a.Text),
    };
}
