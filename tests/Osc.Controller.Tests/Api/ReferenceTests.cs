using System.Text.RegularExpressions;
using Osc.Controller.Configuration;
using Xunit;

namespace Osc.Controller.Tests.Api;

/// <summary>What is said about the API is what it is.</summary>
public sealed partial class ReferenceTests(ShopFixture shop) : IClassFixture<ShopFixture>
{
    private readonly TestController controller = shop.Controller;

    [Fact]
    public async Task OpenApi_lists_every_endpoint_with_its_access()
    {
        var mapped = AccessTests.MappedEndpoints(controller.App);
        var described = await OperationsAsync();
        Assert.Equal(mapped.Order(), described.Order());
    }

    [Fact]
    public async Task OpenApi_is_3_1_with_the_security_scheme_and_schemas()
    {
        var document = (await controller.GetAsync("/openapi/v1.json", Role.Viewer)).Json;
        Assert.StartsWith("3.1", document.GetProperty("openapi").GetString(), StringComparison.Ordinal);
        var components = document.GetProperty("components");
        Assert.Equal("bearer", components.GetProperty("securitySchemes").GetProperty("token").GetProperty("scheme").GetString());
        foreach (var schema in new[] { "Document", "Problem", "ChangeAnswer", "HostAnswer", "RolloutAnswer", "RevisionList", "AuditList", "ExplainQuestion", "ExplainAnswer" })
        {
            Assert.True(components.GetProperty("schemas").GetProperty(schema).TryGetProperty("properties", out _), schema);
        }

        var put = document.GetProperty("paths").GetProperty("/api/v1/{tenant}/{kind}/{name}").GetProperty("put");
        Assert.True(put.GetProperty("requestBody").GetProperty("content").TryGetProperty("application/yaml", out _));
        Assert.True(put.GetProperty("responses").TryGetProperty("412", out _));
        Assert.Equal(1, put.GetProperty("security").GetArrayLength());
    }

    [Fact]
    public async Task Reference_page_needs_nothing_but_itself()
    {
        var page = await controller.GetAsync("/docs", Role.Viewer);
        Assert.Equal("text/html", page.Type);
        Assert.DoesNotContain("<script", page.Text, StringComparison.Ordinal);
        Assert.DoesNotMatch(ForeignAddress(), page.Text);
        foreach (var operation in await OperationsAsync())
        {
            Assert.Contains(System.Net.WebUtility.HtmlEncode(operation.Split(' ')[1]), page.Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Table_of_endpoints_in_the_documentation_is_the_api()
    {
        var documented = TableRow().Matches(await File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs", "api.md")))
            .Select(m => $"{m.Groups[1].Value} {m.Groups[2].Value} {m.Groups[3].Value}");
        Assert.Equal((await OperationsAsync()).Order(), documented.Order());
    }

    [Fact]
    public async Task Metrics_are_all_documented()
    {
        var page = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs", "operations.md"));
        var names = MetricName().Matches((await controller.GetAsync("/metrics", Role.Viewer)).Text).Select(m => m.Groups[1].Value).ToList();
        Assert.Contains("osc_flows", names);
        Assert.All(names, name => Assert.Contains($"`{name}`", page, StringComparison.Ordinal));
    }

    /// <summary>"METHOD path access" of every operation in the OpenAPI document.</summary>
    private async Task<List<string>> OperationsAsync()
    {
        var paths = (await controller.GetAsync("/openapi/v1.json")).Json.GetProperty("paths");
        return
        [
            .. from path in paths.EnumerateObject()
               from operation in path.Value.EnumerateObject()
               let access = AccessIn().Match(operation.Value.GetProperty("description").GetString()!).Groups[1].Value // every operation has one
               select $"{operation.Name.ToUpperInvariant()} {path.Name} {(access.Length > 0 ? access : "none")}",
        ];
    }

    [GeneratedRegex("Needs (read|write|audit) access")]
    private static partial Regex AccessIn();

    [GeneratedRegex("(src|href)=\"(https?:)?//")]
    private static partial Regex ForeignAddress();

    [GeneratedRegex(@"^\| `([A-Z]+) (\S+)` \| (read|write|audit|none) \|", RegexOptions.Multiline)]
    private static partial Regex TableRow();

    [GeneratedRegex("^# TYPE (\\S+) ", RegexOptions.Multiline)]
    private static partial Regex MetricName();
}
