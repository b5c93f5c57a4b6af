using System.Text.Json;
using Osc.Flows;
using Xunit;

namespace Osc.Cli.Tests.Offline;

public sealed class CheckAndCompileTests
{
    [Fact]
    public async Task Check_finds_every_policy_set_sound()
    {
        Assert.NotEmpty(Policies.All);
        foreach (var set in Policies.All)
        {
            var run = await CliRun.Of("check " + set);
            Assert.Equal((0, ""), (run.ExitCode, run.Error));
            Assert.EndsWith("\nok\n", run.Output);
        }
    }

    [Fact]
    public async Task Check_tells_all_errors_with_file_line_and_what_is_allowed()
    {
        using var directory = TemporaryDirectory.CopyOf(Policies.Shop, "action: allow", "action: permit");
        var run = await CliRun.Of("check " + directory.Path);
        Assert.Equal(1, run.ExitCode);
        Assert.Equal("", run.Output);
        var lines = run.Error.TrimEnd().Split('\n');
        Assert.True(lines.Length > 3, run.Error);
        Assert.All(lines[..^1], line => Assert.Matches(@"\.yaml:\d+:\d+: ", line));
        Assert.Contains("allow, drop, reject", lines[0]);
        Assert.EndsWith(" errors", lines[^1]);
    }

    [Fact]
    public async Task Check_as_json_has_the_errors_as_data()
    {
        using var directory = new TemporaryDirectory();
        var file = directory.Write("a.yaml", "apiVersion: osc/v1\nkind: Service\nmetadata: { name: web }\nspec: { ports: [ tcp/0x50 ] }\n");
        var run = await CliRun.Of($"check {file} -o json");
        Assert.Equal(1, run.ExitCode);
        using var json = JsonDocument.Parse(run.Output);
        Assert.False(json.RootElement.GetProperty("valid").GetBoolean());
        var error = json.RootElement.GetProperty("errors")[0];
        Assert.Equal(file, error.GetProperty("file").GetString());
        Assert.Equal(4, error.GetProperty("line").GetInt32());
        Assert.Equal("spec.ports[0]", error.GetProperty("path").GetString());
    }

    [Fact]
    public async Task Check_warns_of_what_is_not_enforced_yet()
    {
        using var directory = new TemporaryDirectory();
        directory.Write("a.yaml", "apiVersion: osc/v1\nkind: SecurityGroup\nmetadata: { name: pay }\nspec: { members: [ { fqdn: \"*.pay.example.com\" } ] }\n---\napiVersion: osc/v1\nkind: Policy\nmetadata: { name: wild }\nspec: { rules: [ { name: r, to: [ pay ], action: allow } ] }\n");
        var run = await CliRun.Of("check " + directory.Path);
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("warning: ", run.Error);
        Assert.Contains("an apply would be refused", run.Output);
    }

    [Fact]
    public async Task Check_warns_of_an_assertion_that_does_not_hold()
    {
        using var directory = TemporaryDirectory.CopyOf(Policies.Shop, "none of this", "");
        directory.Write("z.yaml", "apiVersion: osc/v1\nkind: Assertion\nmetadata: { name: closed, tenant: shop }\nspec: { never: { to: [ web ], services: [ tcp/443 ] } }\n");
        var run = await CliRun.Of("check " + directory.Path);
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("shop/Assertion/closed spec.never: does not hold: ", run.Error);
        Assert.Contains("an apply would be refused", run.Output);
    }

    [Fact]
    public async Task Check_of_nothing_says_so()
    {
        var run = await CliRun.Of("check /nonexistent");
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("there is no such file or directory", run.Error);
    }

    [Fact]
    public async Task Compile_prints_lines_that_are_flows()
    {
        var run = await CliRun.Of($"compile {Policies.Shop} --host h1");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        var lines = run.Output.TrimEnd('\n').Split('\n');
        Assert.True(lines.Length > 100);
        Assert.All(lines, line => Assert.Equal(line, FlowTextParser.Parse(line).ToString()));
    }

    [Fact]
    public async Task Compile_as_json_has_a_digest_that_its_flows_add_up_to()
    {
        var run = await CliRun.Of($"compile {Policies.Shop} --host h2 --format json");
        using var json = JsonDocument.Parse(run.Output);
        Assert.Equal("h2", json.RootElement.GetProperty("host").GetString());
        var bridge = json.RootElement.GetProperty("bridges")[0];
        var flows = bridge.GetProperty("flows").EnumerateArray().Select(f => FlowTextParser.Parse(f.GetString() ?? ""));
        Assert.Equal(bridge.GetProperty("digest").GetString(), FlowDigest.Of(flows).ToString());
    }

    [Fact]
    public async Task Compile_is_the_same_every_time()
    {
        var first = await CliRun.Of($"compile {Policies.Telco} --host h1");
        Assert.Equal(first, await CliRun.Of($"compile {Policies.Telco} --host h1"));
    }

    [Theory]
    [InlineData("--host h9", 1, "there is no host 'h9'; allowed: h1, h2")]
    [InlineData("--host H!", 1, "there is no host 'H!'")]
    [InlineData("--host h1 --bridge br-nope", 1, "host h1 has no bridge 'br-nope'; allowed: br-int")]
    public async Task Compile_of_what_is_not_there_says_what_is(string options, int exitCode, string error)
    {
        var run = await CliRun.Of($"compile {Policies.Shop} {options}");
        Assert.Equal(exitCode, run.ExitCode);
        Assert.Contains(error, run.Error);
        Assert.Equal("", run.Output);
    }

    [Fact]
    public async Task Compile_to_ofctl_asks_which_of_several_bridges()
    {
        using var directory = TemporaryDirectory.CopyOf(Policies.Shop, "- { name: br-int, uplinks: [ trunk ] }", "- { name: br-int, uplinks: [ trunk ] }\n    - { name: br-two }");
        var run = await CliRun.Of($"compile {directory.Path} --host h1");
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("say --bridge with one of br-int, br-two", run.Error);
        Assert.Equal(0, (await CliRun.Of($"compile {directory.Path} --host h1 --bridge br-two")).ExitCode);
    }

    [Fact]
    public async Task Compile_refuses_what_is_not_enforced_yet()
    {
        using var directory = TemporaryDirectory.CopyOf(Policies.Shop, "none of this", "");
        directory.Write("z.yaml", "apiVersion: osc/v1\nkind: SecurityGroup\nmetadata: { name: pay }\nspec: { members: [ { fqdn: \"*.pay.example.com\" } ] }\n---\napiVersion: osc/v1\nkind: Policy\nmetadata: { name: wild }\nspec: { rules: [ { name: r, to: [ pay ], action: allow } ] }\n");
        var run = await CliRun.Of($"compile {directory.Path} --host h1");
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("DNS has no answer for '*.pay.example.com'", run.Error);
    }
}
