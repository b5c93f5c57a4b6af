using System.Text;
using Osc.Controller.Api.Limits;
using Xunit;

namespace Osc.Controller.Tests.Attacks;

/// <summary>Bodies that are meant to cost more than they are, or to mean two things.</summary>
internal static class DocumentAttacks
{
    private const string About = "Bodies";

    private const string Head = "apiVersion: osc/v1\nkind: Service\nmetadata: { name: x, tenant: shop }\n";

    public static readonly IReadOnlyList<Attack> All =
    [
        Yaml("aliases that grow by ten at each step (billion laughs)", "a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\n"),
        Yaml("anchor that contains itself", "a: &a [*a]\n"),
        Yaml("anchor and alias for a name", "apiVersion: osc/v1\nkind: Service\nmetadata: { name: &n x, tenant: shop, labels: { a: *n } }\nspec: { ports: [ tcp/1 ] }\n"),
        Yaml("merge key that brings fields along", "base: &b { tenant: bank }\nmetadata: { <<: *b, name: x }\n"),
        Yaml("tag that asks for an object of a program's", Head + "spec: !!python/object/apply:os.system [ 'id' ]\n"),
        Yaml("tag that asks for a type of .NET's", Head + "spec: !System.Diagnostics.Process { }\n"),
        Yaml("ten thousand lists within each other", new string('[', 10_000)),
        Yaml("ten thousand steps to the right", string.Concat(Enumerable.Range(0, 2_000).Select(i => new string(' ', i) + "a:\n"))),
        Yaml("field that stands twice", Head + "spec: { ports: [ tcp/1 ] }\nspec: { ports: [ any ] }\n"),
        Yaml("document that stands twice", $"{Head}spec: {{ ports: [ tcp/1 ] }}\n---\n{Head}spec: {{ ports: [ any ] }}\n"),
        Yaml("a hundred thousand and one documents", string.Concat(Enumerable.Repeat("--- {}\n", 100_001))),
        Json("ten thousand objects within each other", string.Concat(Enumerable.Repeat("{\"a\":", 10_000)), 422, 400),
        Json("field that stands twice", """{"apiVersion":"osc/v1","kind":"Service","metadata":{"name":"x","tenant":"shop"},"spec":{"ports":["tcp/1"]},"spec":{"ports":["any"]}}""", 422),
        Json("field that stands twice, once by another spelling", """{"apiVersion":"osc/v1","kind":"Service","metadata":{"name":"x","tenant":"shop"},"spec":{"ports":["tcp/1"]},"\u0073pec":{"ports":["any"]}}""", 422),
        Json("half a surrogate pair in a name", """{"apiVersion":"osc/v1","kind":"Service","metadata":{"name":"x\ud800","tenant":"shop"},"spec":{"ports":["tcp/1"]}}""", 422),
        Json("letter that looks like another in a name", """{"apiVersion":"osc/v1","kind":"Service","metadata":{"name":"ѕhop","tenant":"shop"},"spec":{"ports":["tcp/1"]}}""", 422),
        Json("text behind the document", """{"apiVersion":"osc/v1","kind":"Service","metadata":{"name":"x","tenant":"shop"},"spec":{"ports":["tcp/1"]}} {"a":1}""", 422, 400),
        Json("number in a port that no port has", """{"apiVersion":"osc/v1","kind":"Service","metadata":{"name":"x","tenant":"shop"},"spec":{"ports":["tcp/99999999999999999999"]}}""", 422),
        Json("number beyond all numbers", """{"apiVersion":"osc/v1","kind":"Policy","metadata":{"name":"x","tenant":"shop"},"spec":{"order":1e999,"rules":[]}}""", 422),
        new(About, "XML that reads a file", s => s.ApplyAsync("""<!DOCTYPE a [<!ENTITY f SYSTEM "file:///etc/passwd">]><a>&f;</a>""", "application/xml"), 415),
        new(About, "form of a page of another site", s => s.ApplyAsync("a=b", "text/plain"), 415),
        new(About, "form in parts", s => s.ApplyAsync("--x\r\n\r\n--x--", "multipart/form-data; boundary=x"), 415),
        new(About, "question of a megabyte", s => s.AskAsync(HttpMethod.Post, "/api/v1/explain", s.Editor, $$"""{"from":"{{new string('x', 1024 * 1024)}}"}"""), 413, 0),
        new(About, "question of a thousand objects within each other", s => s.AskAsync(HttpMethod.Post, "/api/v1/explain", s.Editor, string.Concat(Enumerable.Repeat("{\"protocol\":", 1_000))), 400),
        new(About, "question whose field stands twice", s => s.AskAsync(HttpMethod.Post, "/api/v1/explain", s.Editor, """{"from":"shop/web-1","to":"shop/db-1","service":"tcp/1","from":"bank/vault-1"}"""), 400),
        new(About, "token of a megabyte", s => s.AskAsync(HttpMethod.Post, "/api/v1/auth/tokens", s.Admin, $$"""{"name":"{{new string('x', 1024 * 1024)}}"}"""), 413, 0),
        new(About, "body of one byte more than is taken", s => s.AskAsync(HttpMethod.Post, "/api/v1/apply", s.Editor, "#" + new string('x', RequestLimits.MaxDocumentsBody), "application/yaml", "Expect: 100-continue"), 413, 0),
        new(About, "body in another alphabet", s => s.ApplyAsync("+ADw-script+AD4-", "application/json; charset=utf-7"), 422, 400),
    ];

    private static Attack Yaml(string name, string body) => new(About, $"YAML: {name}", s => s.ApplyAsync(body, "application/yaml"), 422)
    {
        Check = (a, _) => Assert.True(Encoding.UTF8.GetByteCount(a.Text) < 1_000_000, "the refusal is as long as what was refused"),
    };

    private static Attack Json(string name, string body, params int[] statuses) => new(About, $"JSON: {name}", s => s.ApplyAsync(body), statuses);
}
