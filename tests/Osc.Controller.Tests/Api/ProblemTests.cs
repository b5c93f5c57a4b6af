using Osc.Controller.Api.Limits;
using Osc.Controller.Configuration;
using Xunit;

namespace Osc.Controller.Tests.Api;

/// <summary>Bad requests and the exact problems that answer them.</summary>
public sealed class ProblemTests(ShopFixture shop) : IClassFixture<ShopFixture>
{
    private readonly TestController controller = shop.Controller;

    [Theory]
    [InlineData("GET", "/api/v1/nowhere/x/y/z", 404, "not-found", "no such path: /api/v1/nowhere/x/y/z")]
    [InlineData("GET", "/api/v1/shop/policy/none", 404, "not-found", "there is no document shop/Policy/none")]
    [InlineData("DELETE", "/api/v1/shop/policy/none", 404, "not-found", "there is no document shop/Policy/none")]
    [InlineData("GET", "/api/v1/shop/polizei/app", 404, "not-found", "there can be no kind 'polizei'")]
    [InlineData("GET", "/api/v1/shop/polizei", 404, "not-found", "there can be no kind 'polizei'")]
    [InlineData("GET", "/api/v1/SHOP/policy/app", 404, "not-found", "there can be no tenant 'SHOP'")]
    [InlineData("GET", "/api/v1/audit/policy/app", 404, "not-found", "there can be no tenant 'audit'")]
    [InlineData("GET", "/api/v1/shop/policy/App", 404, "not-found", "there can be no name 'App'")]
    [InlineData("GET", "/api/v1/hosts/h9", 404, "not-found", "there is no host 'h9'")]
    [InlineData("GET", "/api/v1/rollouts/99", 404, "not-found", "there is no revision '99'")]
    [InlineData("GET", "/api/v1/rollouts/-1", 404, "not-found", "there is no revision '-1'")]
    [InlineData("GET", "/api/v1/revisions/99/documents", 404, "not-found", "there is no revision '99'")]
    [InlineData("PATCH", "/api/v1/shop/policy/app", 405, "method-not-allowed", "PATCH is not allowed; allowed: DELETE, GET, PUT")]
    [InlineData("GET", "/api/v1/apply", 405, "method-not-allowed", "GET is not allowed; allowed: POST")]
    [InlineData("POST", "/api/v1/hosts", 405, "method-not-allowed", "POST is not allowed; allowed: GET")]
    [InlineData("POST", "/metrics", 405, "method-not-allowed", "POST is not allowed; allowed: GET")]
    public async Task Wrong_path_or_method_is_told(string method, string path, int status, string type, string detail)
    {
        var answer = await controller.SendAsync(new(method), path, Role.Admin);
        AssertProblem(answer, status, type, detail);
    }

    [Theory]
    [InlineData("/api/v1/documents?limit=0", "limit", "limit: '0' is not a number in range; 1 to 1000")]
    [InlineData("/api/v1/documents?limit=1001", "limit", "limit: '1001' is not a number in range; 1 to 1000")]
    [InlineData("/api/v1/documents?limit=-5", "limit", "limit: '-5' is not a number in range; 1 to 1000")]
    [InlineData("/api/v1/documents?limit=ten", "limit", "limit: 'ten' is not a number in range; 1 to 1000")]
    [InlineData("/api/v1/documents?cursor=!!", "cursor", "cursor: it is not one that a list gave as 'next'")]
    [InlineData("/api/v1/documents?cursor=eHl6", "cursor", "cursor: it is not one that this list gave as 'next'")]
    [InlineData("/api/v1/documents?tenant=A", "tenant", "tenant: 'A' is no name; 1 to 63 characters of a-z, 0-9 and '-', beginning and ending with a letter or digit")]
    [InlineData("/api/v1/documents?kind=thing", "kind", "kind: there is no kind 'thing'; tenant, cloud, network, host, workload, dnsname, securitygroup, service, policy, inspectionchain, assertion")]
    [InlineData("/api/v1/rollouts?limit=x", "limit", "limit: 'x' is not a number in range; 1 to 1000")]
    [InlineData("/api/v1/revisions?cursor=eHl6", "cursor", "cursor: it is not one that this list gave as 'next'")]
    [InlineData("/api/v1/audit?from=yesterday", "from", "from: 'yesterday' is no time; RFC 3339, for example 2026-01-31T12:00:00Z")]
    [InlineData("/api/v1/audit?to=0", "to", "to: '0' is no time; RFC 3339, for example 2026-01-31T12:00:00Z")]
    [InlineData("/api/v1/audit?order=up", "order", "order: 'up' is no order; asc, desc")]
    [InlineData("/api/v1/audit?revision=one", "revision", "revision: 'one' is no revision; a number")]
    [InlineData("/api/v1/audit?cursor=eHl6", "cursor", "cursor: it is not one that this list gave as 'next'")]
    public async Task Wrong_parameter_is_told(string path, string parameter, string error)
    {
        var answer = await controller.GetAsync(path);
        AssertProblem(answer, 400, "bad-request", $"the parameter '{parameter}' is wrong");
        Assert.Equal([error], answer.Errors);
    }

    [Fact]
    public async Task Wrong_selector_is_told_with_its_place()
    {
        var answer = await controller.GetAsync("/api/v1/shop/workloads?selector=app%20%3D%3D%3D");
        AssertProblem(answer, 400, "bad-request", "the parameter 'selector' is wrong");
        Assert.Contains("selector: ", Assert.Single(answer.Errors), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("application/jsonx")]
    public async Task Body_of_another_type_is_refused(string? type)
    {
        AssertProblem(await controller.SendAsync(HttpMethod.Post, "/api/v1/apply", Role.Admin, "{}", type), 415, "unsupported-media-type", "send the header: Content-Type: application/yaml, or application/json");
        AssertProblem(await controller.SendAsync(HttpMethod.Post, "/api/v1/explain", Role.Admin, "{}", type), 415, "unsupported-media-type", "send the header: Content-Type: application/json");
    }

    [Theory]
    [InlineData("application/json", "{", 1, 2)]
    [InlineData("application/json", "[1]", 1, 2)]
    [InlineData("application/yaml", "a: b: c", 1, 5)]
    public async Task Body_that_is_no_document_is_refused_with_its_place(string type, string body, int line, int column)
    {
        var answer = await controller.SendAsync(HttpMethod.Post, "/api/v1/apply", Role.Admin, body, type);
        AssertProblem(answer, 422, "invalid");
        var error = answer.Json.GetProperty("errors")[0];
        Assert.Equal((line, column), (error.GetProperty("line").GetInt32(), error.GetProperty("column").GetInt32()));
    }

    [Fact]
    public async Task Empty_body_is_refused() =>
        AssertProblem(await controller.ApplyAsync(""), 400, "bad-request", "the body is empty; it should hold at least one document");

    [Fact]
    public async Task Wrong_field_is_told_with_document_path_line_and_what_is_allowed()
    {
        var answer = await controller.ApplyAsync("apiVersion: osc/v1\nkind: Policy\nmetadata: { name: p, tenant: shop }\nspec: { tier: urgent, rules: [] }");
        AssertProblem(answer, 422, "invalid");
        var error = answer.Json.GetProperty("errors").EnumerateArray().Single(e => e.GetProperty("path").GetString() == "spec.tier");
        Assert.Equal("shop/Policy/p", error.GetProperty("document").GetString());
        Assert.Equal(4, error.GetProperty("line").GetInt32());
        Assert.Contains("emergency", error.GetProperty("allowed").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Body_beyond_the_limit_is_refused()
    {
        // Asked first, the server can say no before the client has sent it all.
        var answer = await controller.SendAsync(HttpMethod.Post, "/api/v1/apply", Role.Admin, "# " + new string('x', RequestLimits.MaxDocumentsBody), headers: "Expect: 100-continue");
        AssertProblem(answer, 413, "too-large");
    }

    [Fact]
    public async Task Document_that_belongs_to_another_path_is_refused()
    {
        var answer = await controller.SendAsync(HttpMethod.Put, "/api/v1/shop/service/web", Role.Admin, TestDocuments.Service("dns", "udp/53"));
        AssertProblem(answer, 422, "invalid", "the document belongs to another path");
        Assert.Equal(["shop/Service/dns metadata: the document is shop/Service/dns, but the path names shop/Service/web; shop/Service/web"], answer.Errors);
    }

    [Fact]
    public async Task Two_documents_in_one_put_are_refused()
    {
        var body = TestDocuments.Service("a", "tcp/1") + "\n---\n" + TestDocuments.Service("b", "tcp/2");
        AssertProblem(await controller.SendAsync(HttpMethod.Put, "/api/v1/shop/service/a", Role.Admin, body), 422, "invalid", "the body holds 2 documents; this path takes one");
    }

    [Theory]
    [InlineData("{\"from\":\"shop/web-1\"}", 422, "to: missing; tenant/workload, tenant/workload/interface, or an address")]
    [InlineData("{\"from\":\"shop/none\",\"to\":\"shop/db-1\",\"service\":\"tcp/1\"}", 422, "from: there is no workload 'shop/none'")]
    [InlineData("{\"from\":\"shop/web-1/eth9\",\"to\":\"shop/db-1\",\"service\":\"tcp/1\"}", 422, "from: workload 'shop/web-1' has no such interface")]
    [InlineData("{\"from\":\"10.9.0.1\",\"to\":\"10.9.0.2\",\"service\":\"tcp/1\"}", 422, "vrf: missing: neither end is a workload, which would say it; tenant/vrf")]
    [InlineData("{\"vrf\":\"shop/default\",\"source\":\"10.9.0.1\",\"destination\":\"x\",\"protocol\":\"udp\",\"destinationPort\":1}", 422, "destination: 'x' is no address; an IPv4 or IPv6 address")]
    [InlineData("{\"vrf\":\"shop/default\",\"source\":\"10.9.0.1\",\"destination\":\"10.9.0.2\",\"protocol\":300}", 422, "protocol: '300' is no protocol; tcp, udp, sctp, icmp, icmpv6, or 0 to 255")]
    public async Task Wrong_question_is_told(string body, int status, string error)
    {
        var answer = await controller.SendAsync(HttpMethod.Post, "/api/v1/explain", Role.Viewer, body, "application/json");
        AssertProblem(answer, status, "invalid", "the question cannot be answered");
        Assert.Contains(error, answer.Errors);
    }

    [Theory]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{\"form\":\"shop/web-1\"}")]
    public async Task Question_that_is_no_question_is_refused(string body) =>
        AssertProblem(await controller.SendAsync(HttpMethod.Post, "/api/v1/explain", Role.Viewer, body, "application/json"), 400, "bad-request", "the body is no question");

    private static void AssertProblem(Answer answer, int status, string type, string? detail = null)
    {
        Assert.Equal((status, "application/problem+json"), (answer.Status, answer.Type));
        Assert.Equal($"urn:osc:problem:{type}", answer.Json.GetProperty("type").GetString());
        Assert.Equal(status, answer.Json.GetProperty("status").GetInt32());
        Assert.Equal(answer.Headers["Osc-Request-Id"], answer.Json.GetProperty("requestId").GetString());
        if (detail is not null)
        {
            Assert.Equal(detail, answer.Json.GetProperty("detail").GetString());
        }
    }
}
