using System.Text.RegularExpressions;
using Osc.Controller.Configuration;
using Osc.Model.Documents;
using Osc.Policy.Documents;
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
        Assert.Equal(
            "#/components/schemas/Document",
            components.GetProperty("schemas").GetProperty("DocumentPage").GetProperty("properties").GetProperty("items").GetProperty("items").GetProperty("$ref").GetString());
        Assert.Equal("bearer", components.GetProperty("securitySchemes").GetProperty("token").GetProperty("scheme").GetString());
        foreach (var schema in new[] { "PolicyDocument", "Problem", "ChangeAnswer", "HostAnswer", "RolloutAnswer", "RevisionList", "AuditList", "ExplainQuestion", "ExplainAnswer", "ReachQuestion", "ReachAnswer", "PlanEffects" })
        {
            Assert.True(components.GetProperty("schemas").GetProperty(schema).TryGetProperty("properties", out _), schema);
        }

        var put = document.GetProperty("paths").GetProperty("/api/v1/{tenant}/{kind}/{name}").GetProperty("put");
        Assert.True(put.GetProperty("requestBody").GetProperty("content").TryGetProperty("application/yaml", out _));
        Assert.True(put.GetProperty("responses").TryGetProperty("412", out _));
        Assert.Equal(1, put.GetProperty("security").GetArrayLength());
    }

    [Fact]
    public async Task OpenApi_has_every_field_of_every_kind_of_document()
    {
        var schemas = (await controller.GetAsync("/openapi/v1.json")).Json.GetProperty("components").GetProperty("schemas");
        var page = (await controller.GetAsync("/docs")).Text;
        foreach (var kind in Enum.GetValues<Kind>())
        {
            var reference = schemas.GetProperty("Document").GetProperty("discriminator").GetProperty("mapping").GetProperty(kind.ToString()).GetString()!;
            foreach (var field in DocumentFields.Everywhere.Where(f => f.Kind is null || f.Kind == kind))
            {
                var parent = schemas.GetProperty(reference.Split('/')[^1]);
                var steps = field.Path.Split('.');
                foreach (var step in steps[..^1])
                {
                    parent = parent.GetProperty("properties").GetProperty(step.Replace("[]", "", StringComparison.Ordinal));
                    parent = step.EndsWith("[]", StringComparison.Ordinal) ? parent.GetProperty("items") : parent;
                }

                var schema = parent.GetProperty("properties").GetProperty(steps[^1]);
                Assert.StartsWith(field.Type, schema.GetProperty("description").GetString(), StringComparison.Ordinal);
                Assert.Equal(field.Words, schema.TryGetProperty("enum", out var words) ? words.EnumerateArray().Select(w => w.GetString()) : null);
                Assert.True(!field.IsRequired || parent.GetProperty("required").EnumerateArray().Any(r => r.GetString() == steps[^1]), $"{kind} {field.Path}");
                Assert.Contains($"<code>{field.Path}</code>", page, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task OpenApi_knows_what_a_spec_needs_and_which_numbers_it_takes()
    {
        var schemas = (await controller.GetAsync("/openapi/v1.json")).Json.GetProperty("components").GetProperty("schemas");
        Assert.Contains("spec", schemas.GetProperty("HostDocument").GetProperty("required").EnumerateArray().Select(r => r.GetString()));
        Assert.DoesNotContain("spec", schemas.GetProperty("TenantDocument").GetProperty("required").EnumerateArray().Select(r => r.GetString()));
        var order = schemas.GetProperty("PolicyDocument").GetProperty("properties").GetProperty("spec").GetProperty("properties").GetProperty("order");
        Assert.Equal((0, 65535), (order.GetProperty("minimum").GetInt32(), order.GetProperty("maximum").GetInt32()));
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

    [GeneratedRegex("Needs ([a-z]+) access")]
    private static partial Regex AccessIn();

    [GeneratedRegex("(src|href)=\"(https?:)?//")]
    private static partial Regex ForeignAddress();

    [GeneratedRegex(@"^\| `([A-Z]+) (\S+)` \| ([a-z]+) \|", RegexOptions.Multiline)]
    private static partial Regex TableRow();

    [GeneratedRegex("^# TYPE (\\S+) ", RegexOptions.Multiline)]
    private static partial Regex MetricName();
}
