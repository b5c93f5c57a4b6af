using Microsoft.AspNetCore.Routing;
using Osc.Controller.Api.Security;
using Osc.Controller.Configuration;
using Xunit;

namespace Osc.Controller.Tests.Api;

/// <summary>Nobody is let in who is not known, and nothing is told him.</summary>
public sealed class AccessTests(ShopFixture shop) : IClassFixture<ShopFixture>
{
    private readonly TestController controller = shop.Controller;

    /// <summary>"METHOD path access" of every endpoint that is to be described: all but the description itself.</summary>
    public static IEnumerable<string> MappedEndpoints(IEndpointRouteBuilder app) =>
        from endpoint in app.DataSources.SelectMany(s => s.Endpoints).OfType<RouteEndpoint>()
        let method = endpoint.Metadata.GetRequiredMetadata<HttpMethodMetadata>().HttpMethods.Single()
        let path = "/" + endpoint.RoutePattern.RawText!.TrimStart('/').Replace(":long", "", StringComparison.Ordinal) // a mapped endpoint has a pattern
        where !path.StartsWith("/openapi/", StringComparison.Ordinal)
        select $"{method} {path} {endpoint.Metadata.GetMetadata<AccessRule>()?.Access.ToString().ToLowerInvariant() ?? "none"}";

    [Fact]
    public async Task Endpoint_asks_for_a_token_when_there_is_none_or_a_wrong_one()
    {
        foreach (var endpoint in ApiEndpoint.All)
        {
            var none = await controller.SendAsync(endpoint.Method, endpoint.Own, null);
            Assert.Equal((401, "application/problem+json", "Bearer"), (none.Status, none.Type, none.Headers["WWW-Authenticate"]));
            var wrong = await controller.SendAsync(endpoint.Method, endpoint.Own, null, headers: "Authorization: Bearer secret of nobody");
            Assert.Equal(none with { Text = "", Headers = none.Headers }, wrong with { Text = "", Headers = none.Headers });
            Assert.Equal("send the header: Authorization: Bearer TOKEN", none.Json.GetProperty("detail").GetString());
            Assert.Equal(none.Text.Replace(none.Headers["Osc-Request-Id"], "", StringComparison.Ordinal), wrong.Text.Replace(wrong.Headers["Osc-Request-Id"], "", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Refusal_says_which_role_the_token_has_and_what_it_would_need()
    {
        var answer = await controller.GetAsync("/api/v1/audit", Role.Viewer);
        Assert.Equal("this needs audit access; 'viewer' is viewer (everything)", answer.Json.GetProperty("detail").GetString());
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
    public void Endpoint_without_a_rule_keeps_the_controller_from_starting()
    {
        var bare = new RouteEndpointBuilder(_ => Task.CompletedTask, Microsoft.AspNetCore.Routing.Patterns.RoutePatternFactory.Parse("/bare"), 0) { DisplayName = "GET /bare" };
        var thrown = Assert.Throws<InvalidOperationException>(() => Authorization.DemandExplicitRules([bare.Build()]));
        Assert.Equal("endpoints without an access rule: GET /bare", thrown.Message);
    }
}
