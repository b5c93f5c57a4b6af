using System.Text;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Routing;
using Osc.Controller.Configuration;
using Xunit;

namespace Osc.Controller.Tests.Api;

/// <summary>Every endpoint, by every role, in its own and in another tenant: called for real, and held against the table in docs/access.md. OSC_UPDATE_GOLDEN=1 prints it anew.</summary>
public sealed class AccessTableTests : IAsyncLifetime
{
    private const string Begin = "<!-- access: printed by AccessTableTests -->\n";

    private const string End = "<!-- end of access -->";

    /// <summary>What a scoped answer must not have in it: names and addresses of the bank, and what is named after it.</summary>
    private static readonly string[] TracesOfBank = ["vault", "10.66.", "66:01"];

    private readonly Dictionary<string, string> madeTokens = [];

    private readonly TestAuthority authority = new();
    private TestController controller = null!; // set before each test

    public async ValueTask InitializeAsync()
    {
        controller = await TestController.StartAsync(configure: authority.Configure);
        Assert.Equal(200, (await controller.ApplyAsync(TestDocuments.Shop)).Status);
        Assert.Equal(200, (await controller.ApplyAsync(TestDocuments.Bank)).Status);
        foreach (var tenant in new[] { "shop", "bank" })
        {
            var cut = $$$"""{"apiVersion":"osc/v1","kind":"Policy","metadata":{"name":"cut","tenant":"{{{tenant}}}"},"spec":{"tier":"emergency","rules":[{"name":"r","services":["tcp/445"],"action":"drop"}]}}""";
            Assert.Equal(200, (await controller.SendAsync(HttpMethod.Post, "/api/v1/emergencies", Role.Editor, cut, "application/json", headers: tenant == "bank" ? "Osc-Reason: the vault is open" : "Osc-Reason: INC-9")).Status);
            var proposed = await controller.SendAsync(HttpMethod.Post, "/api/v1/proposals", Role.Editor, TestDocuments.Service("vault-proposed", "tcp/9").Replace("shop", tenant, StringComparison.Ordinal).Replace(tenant == "shop" ? "vault-" : "none", "", StringComparison.Ordinal));
            Assert.Equal(201, proposed.Status);
            var made = await controller.SendAsync(HttpMethod.Post, "/api/v1/auth/tokens", Role.Admin, $$"""{"name":"{{(tenant == "bank" ? "vault" : "shop")}}","grants":[{"role":"viewer","tenants":["{{tenant}}"]}]}""", "application/json");
            madeTokens[tenant] = made.Json.GetProperty("token").GetProperty("id").GetString()!; // a token has one
        }
    }

    public async ValueTask DisposeAsync()
    {
        await controller.DisposeAsync();
        authority.Dispose();
    }

    [Fact]
    public void Endpoints_that_are_called_are_all_there_are()
    {
        var endpoints = ((IEndpointRouteBuilder)controller.App).DataSources.SelectMany(s => s.Endpoints).OfType<RouteEndpoint>().ToArray();
        var anonymous = endpoints.Where(e => e.Metadata.GetMetadata<IAllowAnonymous>() is not null).Select(e => e.RoutePattern.RawText);
        Assert.Equal(["/api/v1/enrolment", "/healthz", "/readyz"], anonymous.Order(StringComparer.Ordinal));
        var others = endpoints.Where(e => e.Metadata.GetMetadata<IAllowAnonymous>() is null)
            .Select(e => $"{e.Metadata.GetRequiredMetadata<HttpMethodMetadata>().HttpMethods.Single()} /{e.RoutePattern.RawText!.TrimStart('/').Replace(":long", "", StringComparison.Ordinal)}"); // a mapped endpoint has a pattern
        Assert.Equal(ApiEndpoint.All.Select(e => $"{e.Method} {e.Pattern}").Order(StringComparer.Ordinal), others.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Answers_are_as_the_table_in_the_documentation_says()
    {
        var table = new StringBuilder("| endpoint |");
        var roles = Enum.GetValues<Role>();
        table.Append(string.Concat(roles.Select(r => $" {r.ToString().ToLowerInvariant()} |"))).Append('\n');
        table.Append("|---|").Append(string.Concat(roles.Select(_ => "---|"))).Append('\n');
        foreach (var endpoint in ApiEndpoint.All)
        {
            table.Append($"| `{endpoint.Method} {endpoint.Pattern}` |");
            foreach (var role in roles)
            {
                table.Append($" {await CellAsync(endpoint, role)} |");
            }

            table.Append('\n');
        }

        var page = Path.Combine(Repository.Root, "docs", "access.md");
        var text = await File.ReadAllTextAsync(page);
        var (begin, end) = (text.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length, text.IndexOf(End, StringComparison.Ordinal));
        var wanted = $"{text[..begin]}\n{table}\n{text[end..]}";
        if (Environment.GetEnvironmentVariable("OSC_UPDATE_GOLDEN") == "1")
        {
            await File.WriteAllTextAsync(page, wanted);
        }

        Assert.Equal(wanted, await File.ReadAllTextAsync(page));
    }

    private async Task<string> CellAsync(ApiEndpoint endpoint, Role role)
    {
        var everywhere = await CallAsync(endpoint, TestController.SecretOf(role), other: false);
        var own = await CallAsync(endpoint, TestController.SecretInShop(role), other: false);
        var other = endpoint.Other is null ? null : await CallAsync(endpoint, TestController.SecretInShop(role), other: true);
        foreach (var answer in new[] { own, other }.OfType<Answer>())
        {
            Assert.All(TracesOfBank, trace => Assert.DoesNotContain(trace, answer.Text, StringComparison.Ordinal));
        }

        return $"{WordOf(endpoint, everywhere)} {WordOf(endpoint, own)} {(other is null ? "" : other.Status is >= 200 and < 300 ? "nothing" : WordOf(endpoint, other))}".TrimEnd() switch
        {
            "no no" or "no no no" => "",
            var words => words,
        };
    }

    private Task<Answer> CallAsync(ApiEndpoint endpoint, string secret, bool other)
    {
        var path = (other ? endpoint.Other ?? endpoint.Own : endpoint.Own).Replace("{SHOP}", madeTokens["shop"], StringComparison.Ordinal).Replace("{BANK}", madeTokens["bank"], StringComparison.Ordinal);
        var body = (other ? endpoint.OtherBody : endpoint.OwnBody)?.Replace("{NAME}", Guid.NewGuid().ToString(), StringComparison.Ordinal);
        return controller.AskAsync(endpoint.Method, path, secret, body, body is null ? null : endpoint.ContentType, headers: "Osc-Reason: the table");
    }

    /// <summary>Deleting what somebody else has deleted already was allowed, and so was closing what is closed.</summary>
    private static string WordOf(ApiEndpoint endpoint, Answer answer) => answer.Status switch
    {
        >= 200 and < 300 => "yes",
        409 or 422 => "yes",
        403 => "no",
        404 => endpoint.Method == HttpMethod.Delete || (endpoint.Pattern.EndsWith("/close", StringComparison.Ordinal) && answer.Text.Contains("shop/", StringComparison.Ordinal)) ? "yes" : "none",
        _ => answer.Status.ToString(System.Globalization.CultureInfo.InvariantCulture),
    };
}
