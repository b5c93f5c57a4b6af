using System.Text.Json.Nodes;
using Osc.Controller.Configuration;
using Osc.Controller.Identities;
using Xunit;

namespace Osc.Controller.Tests.Identities;

/// <summary>Tokens that an issuer signs. What is wrong with one is tried in the attacks.</summary>
public sealed class SignedTokenTests : IAsyncLifetime
{
    private TestIssuer issuer = null!; // set before each test
    private TestController controller = null!; // likewise

    public async ValueTask InitializeAsync()
    {
        issuer = await TestIssuer.StartAsync();
        controller = await TestController.StartAsync(configure: options => options with
        {
            Issuers =
            [
                issuer.Configured(
                    new ClaimGrant("groups", "netsec", TestIssuer.Of(Role.Viewer), null),
                    new ClaimGrant("groups", "owners", TestIssuer.Of(Role.Editor), "tenants")),
            ],
        });
        Assert.Equal(200, (await controller.ApplyAsync(TestDocuments.Shop)).Status);
    }

    public async ValueTask DisposeAsync()
    {
        await controller.DisposeAsync();
        await issuer.DisposeAsync();
    }

    [Fact]
    public async Task Token_of_the_issuer_lets_in_with_what_its_claims_grant()
    {
        var who = await WhoAmIAsync(issuer.Token());
        Assert.Equal(200, who.Status);
        Assert.Equal(("corp/alice", "oidc"), (who.Json.GetProperty("name").GetString(), who.Json.GetProperty("by").GetString()));
        Assert.Equal("""[{"role":"viewer"}]""", who.Json.GetProperty("grants").GetRawText());
        Assert.Equal(200, (await controller.AskAsync(HttpMethod.Get, "/api/v1/documents", issuer.Token())).Status);
        Assert.Equal(403, (await controller.AskAsync(HttpMethod.Get, "/api/v1/audit", issuer.Token())).Status);
    }

    [Fact]
    public async Task Token_signed_on_a_curve_counts_too() => Assert.Equal(200, (await WhoAmIAsync(issuer.CurveToken())).Status);

    [Fact]
    public async Task Tenants_of_a_claim_confine_the_grant_and_are_no_patterns()
    {
        var who = await WhoAmIAsync(issuer.Token(c => (c["groups"], c["tenants"]) = ("owners", new JsonArray("shop", "*", "ba*", 7))));
        Assert.Equal("""[{"role":"editor","tenants":["shop"]}]""", who.Json.GetProperty("grants").GetRawText());
    }

    [Theory]
    [InlineData("*")]
    [InlineData("")]
    [InlineData(null)]
    public async Task Grant_for_the_tenants_of_a_claim_is_nothing_without_tenants(string? tenants)
    {
        var token = issuer.Token(c => (c["groups"], c["tenants"]) = ("owners", tenants));
        Assert.Equal("[]", (await WhoAmIAsync(token)).Json.GetProperty("grants").GetRawText());
        Assert.Equal(403, (await controller.AskAsync(HttpMethod.Get, "/api/v1/documents", token)).Status);
    }

    [Fact]
    public async Task New_key_counts_as_soon_as_a_token_names_it_and_the_old_one_no_more()
    {
        var old = issuer.Token();
        Assert.Equal(200, (await WhoAmIAsync(old)).Status);
        issuer.Rotate("k2");
        var token = issuer.Token();

        // The keys are fetched beside the request that found one missing.
        while ((await WhoAmIAsync(token)).Status != 200)
        {
            await Task.Yield();
        }

        Assert.Equal(401, (await WhoAmIAsync(old)).Status);
    }

    [Fact]
    public async Task Actor_of_a_change_is_the_person_with_the_issuers_name_before_it()
    {
        var token = issuer.Token(c => (c["groups"], c["tenants"]) = ("owners", "shop"));
        Assert.Equal(201, (await controller.AskAsync(HttpMethod.Put, "/api/v1/shop/service/dns", token, TestDocuments.Service("dns", "udp/53"))).Status);
        Assert.Equal("corp/alice", (await controller.GetAsync("/api/v1/revisions?limit=1")).Json.GetProperty("items")[0].GetProperty("actor").GetString());
    }

    private Task<Answer> WhoAmIAsync(string token) => controller.AskAsync(HttpMethod.Get, "/api/v1/auth/whoami", token);
}
