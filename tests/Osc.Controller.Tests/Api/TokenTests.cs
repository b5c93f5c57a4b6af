using System.Text.Json;
using Osc.Controller.Configuration;
using Osc.Controller.Identities;
using Xunit;

namespace Osc.Controller.Tests.Api;

/// <summary>Tokens that are made while the controller runs.</summary>
public sealed class TokenTests : IAsyncLifetime
{
    private const string Viewer = """{"name":"bob","grants":[{"role":"viewer"}]}""";

    private readonly ManualTime time = new();
    private TestController controller = null!; // set before each test

    public async ValueTask InitializeAsync() => controller = await TestController.StartAsync(time: time);

    public ValueTask DisposeAsync() => controller.DisposeAsync();

    [Fact]
    public async Task Token_is_shown_once_and_lets_in_who_shows_it()
    {
        var made = await MakeAsync(Viewer);
        Assert.Equal(201, made.Status);
        var secret = Secret(made);
        Assert.Matches("^osc_[0-9a-f]{12}_[A-Za-z0-9_-]{43}$", secret);
        Assert.Equal(200, (await controller.AskAsync(HttpMethod.Get, "/api/v1/documents", secret)).Status);
        Assert.Equal(403, (await controller.AskAsync(HttpMethod.Get, "/api/v1/audit", secret)).Status);
        var who = (await controller.AskAsync(HttpMethod.Get, "/api/v1/auth/whoami", secret)).Json;
        Assert.Equal(("bob", "storedToken"), (who.GetProperty("name").GetString(), who.GetProperty("by").GetString()));
        Assert.DoesNotContain(secret[^43..], (await controller.GetAsync("/api/v1/auth/tokens")).Text, StringComparison.Ordinal);
        Assert.DoesNotContain(secret[^43..], (await controller.GetAsync("/api/v1/audit?limit=1000")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Secret_is_in_no_file_of_the_store()
    {
        var secret = Secret(await MakeAsync(Viewer));
        Assert.Equal(200, (await controller.AskAsync(HttpMethod.Get, "/api/v1/documents", secret)).Status);
        foreach (var file in new[] { "", "-wal" }.Select(end => controller.Get<Osc.Store.PolicyStore>().Path + end))
        {
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var reader = new StreamReader(stream, System.Text.Encoding.Latin1);
            Assert.DoesNotContain(secret[^43..], await reader.ReadToEndAsync(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Token_ends_at_its_expiry()
    {
        var secret = Secret(await MakeAsync($$"""{"name":"bob","grants":[{"role":"viewer"}],"expires":"{{time.GetUtcNow().AddHours(1):O}}"}"""));
        time.Advance(TimeSpan.FromMinutes(59));
        Assert.Equal(200, (await controller.AskAsync(HttpMethod.Get, "/api/v1/documents", secret)).Status);
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(401, (await controller.AskAsync(HttpMethod.Get, "/api/v1/documents", secret)).Status);
        Assert.Equal("expired", (await ListAsync())[0].GetProperty("state").GetString());
    }

    [Fact]
    public async Task Revoked_token_is_refused_at_once_and_stays_in_the_list()
    {
        var made = await MakeAsync(Viewer);
        Assert.Equal(200, (await controller.SendAsync(HttpMethod.Delete, $"/api/v1/auth/tokens/{Id(made)}", Role.Admin, headers: "Osc-Reason: lost")).Status);
        Assert.Equal(401, (await controller.AskAsync(HttpMethod.Get, "/api/v1/documents", Secret(made))).Status);
        var listed = (await ListAsync())[0];
        Assert.Equal(("revoked", "admin"), (listed.GetProperty("state").GetString(), listed.GetProperty("revokedBy").GetString()));
        Assert.Equal(201, (await MakeAsync(Viewer)).Status);
    }

    [Fact]
    public async Task Everything_that_happens_to_a_token_is_recorded()
    {
        var made = await MakeAsync(Viewer);
        await controller.AskAsync(HttpMethod.Get, "/api/v1/documents", Secret(made));
        await controller.AskAsync(HttpMethod.Get, "/api/v1/documents", Secret(made));
        await controller.SendAsync(HttpMethod.Delete, $"/api/v1/auth/tokens/{Id(made)}", Role.Admin, headers: "Osc-Reason: lost");
        await controller.AskAsync(HttpMethod.Get, "/api/v1/documents", Secret(made));
        var records = (await controller.GetAsync("/api/v1/audit?order=asc")).Json.GetProperty("items").EnumerateArray()
            .Select(r => (r.GetProperty("actor").GetString(), r.GetProperty("action").GetString(), r.GetProperty("name").GetString(), r.GetProperty("reason").GetString()));
        Assert.Equal(
            [("admin", "access.new-address", "", ""), ("admin", "token.make", "bob", ""), ("bob", "access.new-address", "", ""), ("admin", "token.revoke", "bob", "lost"), ("unknown", "request.refused", "", "")],
            records);
    }

    [Fact]
    public async Task Last_use_is_told_at_once_and_on_disk_after_a_while()
    {
        var secret = Secret(await MakeAsync(Viewer));
        Assert.Equal(JsonValueKind.Null, (await ListAsync())[0].GetProperty("lastUsed").ValueKind);
        time.Advance(TimeSpan.FromHours(2));
        await controller.AskAsync(HttpMethod.Get, "/api/v1/documents", secret);
        Assert.Equal((time.GetUtcNow(), "127.0.0.1"), (((await ListAsync())[0]).GetProperty("lastUsed").GetDateTimeOffset(), (await ListAsync())[0].GetProperty("lastAddress").GetString()));
        controller.Get<TokenRegistry>().SaveUses();
        Assert.Equal(time.GetUtcNow(), controller.Get<Osc.Store.PolicyStore>().Access.ReadTokens()[0].LastUsed);
    }

    [Theory]
    [InlineData("""{"name":"x","grants":[{"role":"admin"}]}""", 403)]
    [InlineData("""{"name":"x","grants":[{"role":"viewer"}]}""", 403)]
    [InlineData("""{"name":"x","grants":[{"role":"viewer","tenants":["*"]}]}""", 403)]
    [InlineData("""{"name":"x","grants":[{"role":"viewer","tenants":["shop*"]}]}""", 403)]
    [InlineData("""{"name":"x","grants":[{"role":"viewer","tenants":["shop"]},{"role":"viewer","tenants":["bank"]}]}""", 403)]
    [InlineData("""{"name":"x","grants":[{"role":"editor","tenants":["shop"],"kinds":["Workload"]}]}""", 403)]
    [InlineData("""{"name":"x","grants":[{"role":"editor","tenants":["shop"]}]}""", 201)]
    [InlineData("""{"name":"x","grants":[{"role":"admin","tenants":["shop"],"kinds":["Policy"]}]}""", 201)]
    public async Task Nobody_grants_more_than_he_has(string token, int status) =>
        Assert.Equal(status, (await controller.AskAsync(HttpMethod.Post, "/api/v1/auth/tokens", TestController.SecretInShop(Role.Admin), token, "application/json")).Status);

    [Theory]
    [InlineData("""{"grants":[{"role":"viewer"}]}""", " name: missing or not usable")]
    [InlineData("""{"name":"osc","grants":[{"role":"viewer"}]}""", " name: missing or not usable")]
    [InlineData("""{"name":"agent/h1","grants":[{"role":"viewer"}]}""", " name: missing or not usable")]
    [InlineData("""{"name":"a\nb","grants":[{"role":"viewer"}]}""", " name: missing or not usable")]
    [InlineData("""{"name":"x","grants":[]}""", " grants: 0 of them")]
    [InlineData("""{"name":"x","grants":[{"role":"king"}]}""", " grants[0].role: 'king' is not known")]
    [InlineData("""{"name":"x","grants":[{"role":"viewer","tenants":[]}]}""", " grants[0].tenants: 0 entries")]
    [InlineData("""{"name":"x","grants":[{"role":"viewer"}],"expires":"2025-01-01T00:00:00Z"}""", " expires: '2025-01-01T00:00:00.0000000+00:00' is not possible")]
    [InlineData("""{"name":"x","grants":[{"role":"viewer"}],"expires":"2030-01-01T00:00:00Z"}""", " expires: '2030-01-01T00:00:00.0000000+00:00' is not possible")]
    public async Task Wrong_token_is_refused_with_the_field(string token, string error)
    {
        var answer = await MakeAsync(token);
        Assert.Equal(422, answer.Status);
        Assert.StartsWith(error.Trim(), answer.Errors.Single().Trim(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_live_tokens_never_have_one_name()
    {
        Assert.Equal(201, (await MakeAsync(Viewer)).Status);
        Assert.Equal(409, (await MakeAsync(Viewer)).Status);
        Assert.Equal(409, (await MakeAsync(Viewer.Replace("bob", "admin", StringComparison.Ordinal))).Status);
    }

    [Fact]
    public async Task Token_goes_with_all_that_were_made_with_it()
    {
        var first = await MakeAsync("""{"name":"a","grants":[{"role":"admin"}]}""");
        var second = await controller.AskAsync(HttpMethod.Post, "/api/v1/auth/tokens", Secret(first), """{"name":"b","grants":[{"role":"admin"}]}""", "application/json");
        var third = await controller.AskAsync(HttpMethod.Post, "/api/v1/auth/tokens", Secret(second), """{"name":"c","grants":[{"role":"viewer"}]}""", "application/json");
        var other = await MakeAsync(Viewer);
        var revoked = await controller.SendAsync(HttpMethod.Delete, $"/api/v1/auth/tokens/{Id(first)}?withMade=true", Role.Admin);
        Assert.Equal(["a", "b", "c"], revoked.Json.GetProperty("items").EnumerateArray().Select(t => t.GetProperty("name").GetString()).Order());
        foreach (var gone in new[] { first, second, third })
        {
            Assert.Equal(401, (await controller.AskAsync(HttpMethod.Get, "/api/v1/documents", Secret(gone))).Status);
        }

        Assert.Equal(200, (await controller.AskAsync(HttpMethod.Get, "/api/v1/documents", Secret(other))).Status);
    }

    private Task<Answer> MakeAsync(string token) => controller.SendAsync(HttpMethod.Post, "/api/v1/auth/tokens", Role.Admin, token, "application/json");

    private async Task<JsonElement[]> ListAsync() => [.. (await controller.GetAsync("/api/v1/auth/tokens")).Json.GetProperty("items").EnumerateArray()];

    private static string Secret(Answer made) => made.Json.GetProperty("secret").GetString() ?? "";

    private static string Id(Answer made) => made.Json.GetProperty("token").GetProperty("id").GetString() ?? "";
}
