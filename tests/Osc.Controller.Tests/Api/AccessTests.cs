using Microsoft.AspNetCore.Routing;
using Osc.Controller.Api.Security;
using Osc.Controller.Configuration;
using Xunit;

namespace Osc.Controller.Tests.Api;

/// <summary>Who may call what: every endpoint by every role, for real.</summary>
public sealed class AccessTests(ShopFixture shop) : IClassFixture<ShopFixture>
{
    private readonly TestController controller = shop.Controller;

    /// <summary>All endpoints but the anonymous ones, with a path that exists in form.</summary>
    private static readonly (string Method, string Path, Access Access)[] Endpoints =
    [
        ("GET", "/api/v1/documents", Access.Read),
        ("GET", "/api/v1/shop/policy", Access.Read),
        ("GET", "/api/v1/shop/policy/app", Access.Read),
        ("PUT", "/api/v1/shop/policy/app", Access.Write),
        ("DELETE", "/api/v1/shop/policy/app", Access.Write),
        ("POST", "/api/v1/apply", Access.Write),
        ("POST", "/api/v1/plan", Access.Read),
        ("POST", "/api/v1/explain", Access.Read),
        ("POST", "/api/v1/reach", Access.Read),
        ("GET", "/api/v1/hosts", Access.Read),
        ("GET", "/api/v1/hosts/h1", Access.Read),
        ("GET", "/api/v1/alarms", Access.Read),
        ("GET", "/api/v1/rollouts", Access.Read),
        ("GET", "/api/v1/rollouts/1", Access.Read),
        ("GET", "/api/v1/revisions", Access.Read),
        ("GET", "/api/v1/revisions/1/documents", Access.Read),
        ("GET", "/api/v1/audit", Access.Audit),
        ("GET", "/api/v1/traffic/rules", Access.Read),
        ("GET", "/api/v1/traffic/connections", Access.Read),
        ("GET", "/api/v1/traffic/talkers", Access.Read),
        ("GET", "/api/v1/traffic/drops", Access.Read),
        ("GET", "/metrics", Access.Read),
        ("GET", "/docs", Access.Read),
        ("GET", "/openapi/v1.json", Access.Read),
    ];

    private static readonly Dictionary<Role, Access[]> Allowed = new()
    {
        [Role.Admin] = [Access.Read, Access.Write, Access.Audit],
        [Role.Editor] = [Access.Read, Access.Write],
        [Role.Viewer] = [Access.Read],
        [Role.Auditor] = [Access.Read, Access.Audit],
        [Role.Agent] = [],
    };

    public static TheoryData<string, string, Access, Role> EveryEndpointAndRole()
    {
        var data = new TheoryData<string, string, Access, Role>();
        foreach (var (method, path, access) in Endpoints)
        {
            foreach (var role in Enum.GetValues<Role>())
            {
                data.Add(method, path, access, role);
            }
        }

        return data;
    }

    /// <summary>"METHOD path access" of every endpoint that is to be described: all but the description itself.</summary>
    public static IEnumerable<string> MappedEndpoints(IEndpointRouteBuilder app) =>
        from endpoint in app.DataSources.SelectMany(s => s.Endpoints).OfType<RouteEndpoint>()
        let method = endpoint.Metadata.GetRequiredMetadata<HttpMethodMetadata>().HttpMethods.Single()
        let path = "/" + endpoint.RoutePattern.RawText!.TrimStart('/') // a mapped endpoint has a pattern
        where !path.StartsWith("/openapi/", StringComparison.Ordinal)
        select $"{method} {path} {endpoint.Metadata.GetMetadata<AccessRule>()?.Access.ToString().ToLowerInvariant() ?? "none"}";

    [Theory]
    [MemberData(nameof(EveryEndpointAndRole))]
    public async Task Endpoint_lets_in_just_the_roles_that_have_its_access(string method, string path, Access access, Role role)
    {
        var answer = await controller.SendAsync(new(method), path, role);
        if (Allowed[role].Contains(access))
        {
            Assert.NotEqual(401, answer.Status);
            Assert.NotEqual(403, answer.Status);
        }
        else
        {
            Assert.Equal((403, "application/problem+json"), (answer.Status, answer.Type));
            Assert.Equal("urn:osc:problem:forbidden", answer.Json.GetProperty("type").GetString());
        }
    }

    [Fact]
    public async Task Endpoint_asks_for_a_token_when_there_is_none_or_a_wrong_one()
    {
        foreach (var (method, path, _) in Endpoints)
        {
            var none = await controller.SendAsync(new(method), path, null);
            Assert.Equal((401, "application/problem+json", "Bearer"), (none.Status, none.Type, none.Headers["WWW-Authenticate"]));
            var wrong = await controller.SendAsync(new(method), path, null, headers: "Authorization: Bearer secret of nobody");
            Assert.Equal((401, "Bearer error=\"invalid_token\""), (wrong.Status, wrong.Headers["WWW-Authenticate"]));
            Assert.StartsWith("send the header", none.Json.GetProperty("detail").GetString(), StringComparison.Ordinal);
            Assert.StartsWith("the token is none of this server's", wrong.Json.GetProperty("detail").GetString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Refusal_says_which_role_the_token_has_and_what_it_would_need()
    {
        var answer = await controller.GetAsync("/api/v1/audit", Role.Viewer);
        Assert.EndsWith("has the role viewer; this needs audit access", answer.Json.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Authorization: Basic YWRtaW46YWRtaW4=")]
    [InlineData("Authorization: secret of Admin")]
    [InlineData("Authorization: Bearer")]
    [InlineData("Authorization: Bearer  ")]
    [InlineData("X-Token: secret of Admin")]
    public async Task Token_counts_in_one_form_only(string header) =>
        Assert.Equal(401, (await controller.SendAsync(HttpMethod.Get, "/api/v1/hosts", null, headers: header)).Status);

    [Fact]
    public async Task Token_in_the_url_does_not_count() =>
        Assert.Equal(401, (await controller.SendAsync(HttpMethod.Get, "/api/v1/hosts?access_token=secret%20of%20Admin", null)).Status);

    [Fact]
    public async Task Unknown_path_tells_a_stranger_nothing()
    {
        Assert.Equal(401, (await controller.SendAsync(HttpMethod.Get, "/nowhere", null)).Status);
        Assert.Equal(404, (await controller.SendAsync(HttpMethod.Get, "/nowhere", Role.Viewer)).Status);
    }

    [Theory]
    [InlineData("/healthz")]
    [InlineData("/readyz")]
    public async Task Health_needs_no_token(string path) => Assert.Equal(200, (await controller.SendAsync(HttpMethod.Get, path, null)).Status);

    [Fact]
    public void Table_of_this_test_has_every_endpoint()
    {
        var mapped = ((IEndpointRouteBuilder)controller.App).DataSources.SelectMany(s => s.Endpoints)
            .Count(e => e.Metadata.GetMetadata<AccessRule>() is not null);
        Assert.Equal(Endpoints.Length, mapped);
    }

    [Fact]
    public void Endpoint_without_a_rule_keeps_the_controller_from_starting()
    {
        var bare = new RouteEndpointBuilder(_ => Task.CompletedTask, Microsoft.AspNetCore.Routing.Patterns.RoutePatternFactory.Parse("/bare"), 0) { DisplayName = "GET /bare" };
        var thrown = Assert.Throws<InvalidOperationException>(() => Authorization.DemandExplicitRules([bare.Build()]));
        Assert.Equal("endpoints without an access rule: GET /bare", thrown.Message);
    }
}
