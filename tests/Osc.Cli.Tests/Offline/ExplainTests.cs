using System.Text.Json;
using CsCheck;
using Xunit;

namespace Osc.Cli.Tests.Offline;

public sealed class ExplainTests
{
    private const string WebToDb = """{"vrf":"shop/default","source":"10.10.0.11","destination":"10.20.0.12","protocol":"tcp","destinationPort":5432}""";

    private const string Answer =
        WebToDbOpen + ""","verdict":"reject","out":{"workload":"shop/web-1","action":"reject","rule":"shop/shop-app/web-not-to-db"},"in":{"workload":"shop/db-1","action":"reject","rule":"shop/shop-app/web-not-to-db"}}""";

    private const string WebToDbOpen = """{"vrf":"shop/default","source":"10.10.0.11","destination":"10.20.0.12","protocol":"tcp","destinationPort":5432""";

    [Fact]
    public async Task Explain_shows_verdict_both_sides_and_the_deciding_rules()
    {
        var run = await CliRun.Of($"explain {Policies.Shop} --from shop/web-1 --to shop/db-1 --service tcp/5432");
        Assert.StartsWith(
            """
            10.10.0.11 -> 10.20.0.12 tcp/5432, vrf shop/default
            verdict: reject
            SIDE  WORKLOAD    ACTION  RULE                         CHAIN
            out   shop/web-1  reject  shop/shop-app/web-not-to-db
            in    shop/db-1   reject  shop/shop-app/web-not-to-db

            """.ReplaceLineEndings("\n"),
            run.Output);
        Assert.Equal(0, run.ExitCode);
    }

    [Fact]
    public async Task Explain_shows_every_rule_looked_at_and_the_groups_of_both_addresses()
    {
        var run = await CliRun.Of($"explain {Policies.Shop} --from shop/web-1 --to shop/db-1 --service tcp/5432");
        Assert.EndsWith(
            """
            in: shop/db-1/eth0, on h2, bridge br-int, port vif6.0
              tier infrastructure: no rule counts
                system/infrastructure/workloads-ping-each-other (allow): no service matches
                system/infrastructure/path-mtu (allow): no service matches
                system/infrastructure/no-cleartext-logins (drop): no service matches
              tier application: decides
                shop/shared-services/ask-dns (allow): is for the other side
                shop/shared-services/be-watched (allow): from does not have the source
                shop/shop-app/anyone-to-web (allow): to does not have the destination
                shop/shop-app/web-to-app (allow): to does not have the destination
                shop/shop-app/app-to-db (allow): from does not have the source
                shop/shop-app/web-not-to-db (reject): counts: appliedTo any, from web, to db, services postgres

            source 10.10.0.11 and groups:
              in shop/everything: members[0]: group shop/web, members[0] of shop/web: selector app = web, env in (prod, stage), !legacy
              in shop/web: members[0]: selector app = web, env in (prod, stage), !legacy
              in system/every-workload: members[0]: selector osc/tenant

            destination 10.20.0.12 and groups:
              in shop/db: members[0]: workload shop/db-1
              in shop/everything: members[2]: network shop/back
              in system/every-workload: members[0]: selector osc/tenant

            """.ReplaceLineEndings("\n"),
            run.Output);
    }

    [Fact]
    public async Task Explain_says_that_the_default_decided()
    {
        var run = await CliRun.Of($"explain {Policies.Shop} --from shop/web-1 --to shop/db-1 --service tcp/1");
        Assert.Contains("  no rule decided: the default action of tenant shop is drop\n", run.Output);
    }

    [Fact]
    public async Task Explain_counts_rules_that_are_applied_elsewhere_and_lists_them_with_all()
    {
        using var shop = TemporaryDirectory.CopyOf(Policies.Shop, "none of this", "");
        shop.Write("db-only.yaml", "apiVersion: osc/v1\nkind: Policy\nmetadata: { name: db-only, tenant: shop }\nspec: { appliedTo: [ db ], rules: [ { name: a, action: drop }, { name: b, action: drop } ] }\n");
        var question = $"explain {shop.Path} --from shop/web-1 --to 192.0.2.9 --service tcp/1";
        Assert.Contains("    2 rules of 1 policy not applied to this workload\n", (await CliRun.Of(question)).Output);
        Assert.Contains("    shop/db-only/b (drop): appliedTo does not have this workload\n", (await CliRun.Of(question + " --all")).Output);
    }

    [Fact]
    public async Task Explain_has_colours_on_a_terminal_only()
    {
        var arguments = $"explain {Policies.Shop} --from shop/web-1 --to shop/db-1 --service tcp/5432";
        Assert.Contains("\u001b[", (await CliRun.Of(arguments, isTerminal: true)).Output);
        Assert.DoesNotContain("\u001b[", (await CliRun.Of(arguments)).Output);
    }

    [Fact]
    public async Task Explain_of_an_unknown_end_says_what_is_allowed()
    {
        var run = await CliRun.Of($"explain {Policies.Shop} --from shop/nope --to shop/db-1 --service tcp/1-2");
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("--from: there is no workload 'shop/nope'", run.Error);
        Assert.Contains("--service: 'tcp/1-2' is not one service", run.Error);
    }

    [Fact]
    public async Task Connections_are_answered_line_by_line_in_order()
    {
        var run = await CliRun.Of($"explain {Policies.Shop} --connections -", $"{WebToDb}\n{WebToDb.Replace("5432", "1")}\n{WebToDb}\n");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        var lines = run.Output.TrimEnd('\n').Split('\n');
        Assert.Equal(3, lines.Length);
        Assert.Equal(Answer, lines[0]);
        Assert.Contains("\"destinationPort\":1,\"verdict\":\"drop\"", lines[1]);
        Assert.Equal(Answer, lines[2]);
    }

    [Fact]
    public async Task Connections_are_read_from_a_file_too_and_the_last_line_needs_no_end()
    {
        using var directory = new TemporaryDirectory();
        var run = await CliRun.Of($"explain {Policies.Shop} --connections {directory.Write("c.ndjson", WebToDb)}");
        Assert.Equal(Answer + "\n", run.Output);
        Assert.Equal(1, (await CliRun.Of($"explain {Policies.Shop} --connections /nonexistent")).ExitCode);
    }

    [Fact]
    public async Task Connection_that_cannot_be_answered_gets_an_error_and_exit_code_1_at_the_end()
    {
        string[] bad =
        [
            "x",
            "",
            "[]",
            "{}",
            """{"vrf":"shop/nope","source":"10.10.0.11","destination":"10.20.0.12","protocol":"tcp","destinationPort":5432}""",
            """{"vrf":"shop/default","source":"10.10.0.11","destination":"fd00::1","protocol":"tcp","destinationPort":5432}""",
            """{"vrf":"shop/default","source":"10.10.0.11","destination":"10.20.0.12","protocol":"tcp","destinationPort":70000}""",
            "{\"x\":\"" + new string('a', 200_000) + "\"}",
        ];
        var run = await CliRun.Of($"explain {Policies.Shop} --connections -", string.Join('\n', bad) + "\n" + WebToDb + "\n");
        Assert.Equal(1, run.ExitCode);
        Assert.Equal("8 connections could not be answered\n", run.Error);
        var lines = run.Output.TrimEnd('\n').Split('\n');
        Assert.Equal(bad.Length + 1, lines.Length);
        Assert.All(lines[..^1], line =>
        {
            using var json = JsonDocument.Parse(line);
            Assert.NotEqual("", json.RootElement.GetProperty("error").GetString());
            Assert.False(json.RootElement.TryGetProperty("verdict", out _));
        });
        Assert.Equal(Answer, lines[^1]);
    }

    [Fact]
    public async Task Answer_repeats_the_connection_as_it_was_written()
    {
        var line = """{"protocol":47,"destination":"10.20.0.12","vrf":"shop/default","source":"10.10.0.11"}""";
        var run = await CliRun.Of($"explain {Policies.Shop} --connections -", line + "\r\n");
        Assert.StartsWith(line[..^1] + ",\"verdict\":\"drop\",", run.Output);
    }

    [Fact]
    public Task Any_line_gets_exactly_one_line_of_json() =>
        Gen.String.Array[1, 20].SampleAsync(async texts =>
        {
            var lines = texts.Select(t => t.Replace('\n', ' ')).ToArray();
            var run = await CliRun.Of($"explain {Policies.Shop} --connections -", string.Join('\n', lines) + "\n");
            var answers = run.Output.TrimEnd('\n').Split('\n');
            Assert.Equal(lines.Length, answers.Length);
            foreach (var answer in answers)
            {
                using var json = JsonDocument.Parse(answer);
                Assert.True(json.RootElement.TryGetProperty("error", out _));
            }
        }, iter: 20);

    [Fact]
    public async Task Single_question_has_the_answer_of_a_line_and_more()
    {
        var single = await CliRun.Of($"explain {Policies.Shop} --from 10.10.0.11 --to 10.20.0.12 --vrf shop/default --service tcp/5432 -o json");
        using var json = JsonDocument.Parse(single.Output);
        using var line = JsonDocument.Parse(Answer);
        AssertHasAllOf(line.RootElement, json.RootElement);
        Assert.Equal("counts", json.RootElement.GetProperty("out").GetProperty("tiers")[1].GetProperty("rules").EnumerateArray().Last().GetProperty("outcome").GetString());
        Assert.Equal("shop/web", json.RootElement.GetProperty("groups").GetProperty("source")[1].GetProperty("group").GetString());
    }

    private static void AssertHasAllOf(JsonElement expected, JsonElement actual)
    {
        foreach (var field in expected.EnumerateObject())
        {
            if (field.Value.ValueKind == JsonValueKind.Object)
            {
                AssertHasAllOf(field.Value, actual.GetProperty(field.Name));
            }
            else
            {
                Assert.Equal(field.Value.ToString(), actual.GetProperty(field.Name).ToString());
            }
        }
    }
}
