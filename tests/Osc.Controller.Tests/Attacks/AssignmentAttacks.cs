using Xunit;

namespace Osc.Controller.Tests.Attacks;

/// <summary>Fields that are not the sender's to set.</summary>
internal static class AssignmentAttacks
{
    private const string About = "Fields that are not the sender's";

    public static readonly IReadOnlyList<Attack> All =
    [
        Token("secret of a token", """{"name":"x","grants":[{"role":"viewer","tenants":["shop"]}],"secret":"known"}"""),
        Token("maker of a token", """{"name":"x","grants":[{"role":"viewer","tenants":["shop"]}],"madeBy":[]}"""),
        Token("role beside the grants", """{"name":"x","grants":[{"role":"viewer","tenants":["shop"]}],"role":"admin"}"""),
        Token("field of a grant that there is not", """{"name":"x","grants":[{"role":"viewer","tenants":["shop"],"isEverything":true}]}"""),
        Token("grants that are given twice", """{"name":"x","grants":[{"role":"viewer","tenants":["shop"]}],"grants":[{"role":"admin"}]}"""),
        new(About, "role as a number", s => s.AskAsync(HttpMethod.Post, "/api/v1/auth/tokens", s.Admin, """{"name":"x","grants":[{"role":"4","tenants":["shop"]}]}"""), 422),
        new(About, "name that is the controller's own", s => s.AskAsync(HttpMethod.Post, "/api/v1/auth/tokens", s.Admin, """{"name":"osc","grants":[{"role":"viewer","tenants":["shop"]}]}"""), 422),
        new(About, "name of an agent", s => s.AskAsync(HttpMethod.Post, "/api/v1/auth/tokens", s.Admin, """{"name":"agent/h1","grants":[{"role":"viewer","tenants":["shop"]}]}"""), 422),
        new(About, "name of a person whom an issuer knows", s => s.AskAsync(HttpMethod.Post, "/api/v1/auth/tokens", s.Admin, """{"name":"corp/alice","grants":[{"role":"viewer","tenants":["shop"]}]}"""), 422),
        new(About, "name of a token of the configuration", s => s.AskAsync(HttpMethod.Post, "/api/v1/auth/tokens", s.Admin, """{"name":"admin","grants":[{"role":"viewer","tenants":["shop"]}]}"""), 409),
        Document("revision of a document", """{"apiVersion":"osc/v1","kind":"Service","revision":1,"metadata":{"name":"x","tenant":"shop"},"spec":{"ports":["tcp/1"]}}"""),
        Document("author in the metadata", """{"apiVersion":"osc/v1","kind":"Service","metadata":{"name":"x","tenant":"shop","actor":"admin"},"spec":{"ports":["tcp/1"]}}"""),
        Document("field of another kind", """{"apiVersion":"osc/v1","kind":"Service","metadata":{"name":"x","tenant":"shop"},"spec":{"ports":["tcp/1"],"defaultAction":"allow"}}"""),
        Document("label that the platform gives", """{"apiVersion":"osc/v1","kind":"Service","metadata":{"name":"x","tenant":"shop","labels":{"osc/tenant":"bank"}},"spec":{"ports":["tcp/1"]}}"""),
        new(About, "actor of a change, by a header", s => s.AskAsync(HttpMethod.Put, "/api/v1/bank/service/x", s.Editor, "{}", headers: ["Osc-Actor: admin", "X-Remote-User: admin"]), 403),
        new(About, "request id that the log is searched by", s => s.AskAsync(HttpMethod.Get, "/api/v1/documents?limit=1", s.Editor, null, null, "Osc-Request-Id: mine", "Request-Id: mine"), 200) { Check = (a, _) => Assert.NotEqual("mine", a.Headers["Osc-Request-Id"]) },
        new(About, "field of a question that there is not", s => s.AskAsync(HttpMethod.Post, "/api/v1/explain", s.Editor, """{"from":"shop/web-1","to":"shop/db-1","service":"tcp/1","as":"admin"}"""), 400),
    ];

    private static Attack Token(string name, string body) => new(About, name, s => s.AskAsync(HttpMethod.Post, "/api/v1/auth/tokens", s.Admin, body), 400);

    private static Attack Document(string name, string body) => new(About, name, s => s.ApplyAsync(body), 422);
}
