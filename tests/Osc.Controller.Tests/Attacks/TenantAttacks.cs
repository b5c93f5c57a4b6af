using System.Buffers.Text;
using System.Text;
using Xunit;

namespace Osc.Controller.Tests.Attacks;

/// <summary>An editor, auditor or admin of the shop who goes for the bank.</summary>
internal static class TenantAttacks
{
    private const string About = "Another tenant";

    private const string BankService = """{"apiVersion":"osc/v1","kind":"Service","metadata":{"name":"mine","tenant":"bank"},"spec":{"ports":["tcp/1"]}}""";

    public static readonly IReadOnlyList<Attack> All =
    [
        Get("its document", "/api/v1/bank/policy/vault-policy", 403),
        Get("a document of its that is not there", "/api/v1/bank/policy/nothing", 403),
        Get("its list", "/api/v1/bank/policy", 403),
        Get("its name in capitals", "/api/v1/BANK/policy/vault-policy", 404),
        Get("its name with an end of text behind it", "/api/v1/bank%00/policy/vault-policy", 404, 400),
        Get("a way up out of one's own, encoded", "/api/v1/shop%2f..%2fbank/policy/vault-policy", 404),
        new(About, "a way up out of one's own, plain", s => s.SendRawAsync($"GET /api/v1/shop/../bank/policy/vault-policy HTTP/1.1\r\nHost: osc\r\nConnection: close\r\nAuthorization: Bearer {s.Editor}\r\n\r\n"), 403),
        Get("its documents by the filter of a list", "/api/v1/documents?tenant=bank", 200),
        Get("its documents by a filter that is given twice", "/api/v1/documents?tenant=shop&tenant=bank", 200, 400),
        Get("its documents by a label", "/api/v1/documents?selector=app%3Dvault", 200),
        Get("its documents by a cursor that one has made", $"/api/v1/documents?limit=1&cursor={Base64Url.EncodeToString(Encoding.UTF8.GetBytes("bank/Network/aaa"))}", 200),
        Get("its documents of the past", "/api/v1/revisions/2/documents", 200),
        Get("its rollouts", "/api/v1/rollouts/2", 404),
        Get("its traffic by the filter", "/api/v1/traffic/connections?tenant=bank", 200),
        Get("its traffic by a rule's name", "/api/v1/traffic/rules?rule=bank/vault-policy/vault-rule", 200),
        Get("its talkers by an address", "/api/v1/traffic/talkers?source=10.66.0.1", 200),
        Get("its workloads by the host that they are on", "/api/v1/hosts/h1", 403),
        Get("its workloads by the host's alarms", "/api/v1/alarms?host=h1&state=all", 200),
        Get("its flows in the metrics", "/metrics", 403),
        Ask("its records in the audit log", s => s.AskAsync(HttpMethod.Get, "/api/v1/audit?tenant=bank", s.Auditor), 200),
        Ask("its records by a text", s => s.AskAsync(HttpMethod.Get, "/api/v1/audit?text=vault", s.Auditor), 200),
        Ask("its records as lines", s => s.Controller.AskAsync(HttpMethod.Get, "/api/v1/audit", s.Auditor, accept: "application/x-ndjson"), 200),
        Ask("its document in a body, all others one's own", s => s.ApplyAsync($"[{BankService.Replace("bank", "shop", StringComparison.Ordinal)},{BankService}]"), 403),
        Ask("its document in a body for one's own path", s => s.AskAsync(HttpMethod.Put, "/api/v1/shop/service/mine", s.Editor, BankService), 422),
        Ask("one's own document in a body for its path", s => s.AskAsync(HttpMethod.Put, "/api/v1/bank/service/mine", s.Editor, BankService.Replace("bank", "shop", StringComparison.Ordinal)), 403),
        Ask("a document that names no tenant", s => s.ApplyAsync(BankService.Replace(",\"tenant\":\"bank\"", "", StringComparison.Ordinal)), 403),
        Ask("a tenant that is named twice", s => s.ApplyAsync(BankService.Replace("\"tenant\":\"bank\"", "\"tenant\":\"shop\",\"tenant\":\"bank\"", StringComparison.Ordinal)), 422),
        Ask("what deleting its policy would do", s => s.AskAsync(HttpMethod.Delete, "/api/v1/bank/policy/vault-policy", s.Editor), 403),
        Ask("what a change of its would do", s => s.AskAsync(HttpMethod.Post, "/api/v1/plan", s.Editor, BankService), 403),
        Ask("a dry run of a change of its", s => s.AskAsync(HttpMethod.Post, "/api/v1/apply?dryRun=true", s.Editor, BankService), 403),
        Ask("its settings by a Tenant document in one's own tenant", s => s.ApplyAsync("""{"apiVersion":"osc/v1","kind":"Tenant","metadata":{"name":"bank","tenant":"shop"},"spec":{"defaultAction":"allow"}}"""), 403),
        Ask("its port by a workload of one's own", s => s.ApplyAsync("""{"apiVersion":"osc/v1","kind":"Workload","metadata":{"name":"w","tenant":"shop"},"spec":{"interfaces":[{"name":"e","mac":"02:00:00:00:00:77","network":"front","attachment":{"host":"h1","port":"vif66"}}]}}"""), 403),
        Ask("its address space by a network of one's own", s => s.ApplyAsync("""{"apiVersion":"osc/v1","kind":"Network","metadata":{"name":"n","tenant":"shop"},"spec":{"vlan":66,"vrf":"bank/default"}}"""), 403),
        Ask("everybody's workloads by a policy of the platform's", s => s.ApplyAsync("""{"apiVersion":"osc/v1","kind":"Policy","metadata":{"name":"p","tenant":"system"},"spec":{"rules":[{"name":"r","action":"allow"}]}}"""), 403),
        Ask("its group's name in a rule", s => s.ApplyAsync("""{"apiVersion":"osc/v1","kind":"Policy","metadata":{"name":"p","tenant":"shop"},"spec":{"rules":[{"name":"r","from":["bank/vault"],"action":"allow"}]}}"""), 422),
        Ask("its workload as the member of a group", s => s.ApplyAsync("""{"apiVersion":"osc/v1","kind":"SecurityGroup","metadata":{"name":"g","tenant":"shop"},"spec":{"members":[{"workload":"bank/vault-1"}]}}"""), 422),
        Ask("its connections by explain", s => Explain(s, """{"from":"bank/vault-1","to":"10.66.0.9","service":"tcp/666"}"""), 403),
        Ask("its connections by explain of addresses", s => Explain(s, """{"vrf":"bank/default","source":"10.66.0.1","destination":"10.66.0.2","protocol":"tcp","destinationPort":666}"""), 403),
        Ask("its connections by explain, of the past", s => s.AskAsync(HttpMethod.Post, "/api/v1/explain?at=2", s.Editor, """{"from":"bank/vault-1","to":"10.66.0.9","service":"tcp/666"}"""), 403),
        Ask("its groups by reach", s => s.AskAsync(HttpMethod.Post, "/api/v1/reach", s.Editor, """{"from":"shop/web","to":"bank/vault"}"""), 403),
        Ask("its address space by reach", s => s.AskAsync(HttpMethod.Post, "/api/v1/reach", s.Editor, """{"from":"10.66.0.0/24","to":"10.66.0.0/24","vrf":"bank/default"}"""), 403),
        Ask("a token for it", s => s.AskAsync(HttpMethod.Post, "/api/v1/auth/tokens", s.Admin, """{"name":"x","grants":[{"role":"viewer","tenants":["bank"]}]}"""), 403),
        Ask("a token for all tenants, by a pattern", s => s.AskAsync(HttpMethod.Post, "/api/v1/auth/tokens", s.Admin, """{"name":"x","grants":[{"role":"viewer","tenants":["*"]}]}"""), 403),
        Ask("a token for everything, by leaving out where", s => s.AskAsync(HttpMethod.Post, "/api/v1/auth/tokens", s.Admin, """{"name":"x","grants":[{"role":"viewer"}]}"""), 403),
        Ask("revoking its token", s => s.AskAsync(HttpMethod.Delete, $"/api/v1/auth/tokens/{s.BankTokenId}", s.Admin), 404),
        Ask("a token, by who may only edit", s => s.AskAsync(HttpMethod.Post, "/api/v1/auth/tokens", s.Editor, """{"name":"x","grants":[{"role":"viewer","tenants":["shop"]}]}"""), 403),
    ];

    private static Attack Ask(string name, Func<AttackScene, Task<Answer>> ask, params int[] statuses) => new(About, name, ask, statuses) { Check = TellsNothing };

    private static Attack Get(string name, string path, params int[] statuses) => Ask(name, s => s.GetAsync(path), statuses);

    private static Task<Answer> Explain(AttackScene scene, string question) => scene.AskAsync(HttpMethod.Post, "/api/v1/explain", scene.Editor, question);

    private static void TellsNothing(Answer answer, AttackScene scene)
    {
        // What was asked for may stand in a path or a name that comes back; what the bank has may not.
        foreach (var secret in new[] { "vault-net", "vault-rule", "\"vault", "10.66.0.1\"", "66:01", "tcp/666" })
        {
            Assert.DoesNotContain(secret, answer.Text, StringComparison.Ordinal);
        }
    }
}
