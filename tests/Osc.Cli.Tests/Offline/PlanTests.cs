using System.Text.Json;
using Xunit;

namespace Osc.Cli.Tests.Offline;

public sealed class PlanTests
{
    [Fact]
    public async Task Plan_of_no_change_changes_nothing()
    {
        var run = await CliRun.Of($"plan {Policies.Shop} {Policies.Shop}");
        Assert.Equal(0, run.ExitCode);
        Assert.StartsWith("no document changes\n", run.Output);
        Assert.Matches(@"\nh1 +0 +0 +\d+\n", run.Output);
        Assert.EndsWith("\nno connection fares otherwise than before\n", run.Output);
    }

    [Fact]
    public async Task Plan_shows_fields_and_flows()
    {
        using var changed = TemporaryDirectory.CopyOf(Policies.Shop, "tcp/5432", "tcp/5433");
        var run = await CliRun.Of($"plan {Policies.Shop} {changed.Path}");
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("updated shop/Service/postgres\n  spec.ports - tcp/5432\n  spec.ports + tcp/5433\n", run.Output);
        Assert.Matches(@"\nh2 +[1-9]\d* +[1-9]\d* +\d+\n", run.Output);
    }

    [Fact]
    public async Task Plan_shows_which_connections_are_newly_allowed_and_dropped()
    {
        using var changed = TemporaryDirectory.CopyOf(Policies.Shop, "tcp/5432", "tcp/5433");
        var run = await CliRun.Of($"plan {Policies.Shop} {changed.Path}");
        Assert.EndsWith(
            """

            newly allowed
              shop/app -> shop/db: tcp/5433 (by shop/shop-app/app-to-db, was by default, vrf shop/default)
            newly dropped
              shop/app -> shop/db: tcp/5432; open ones are cut (by default, was by shop/shop-app/app-to-db, vrf shop/default)
            rejected instead of dropped, or the other way round
              shop/web -> shop/db: tcp/5432 (by default, was by shop/shop-app/web-not-to-db, vrf shop/default)
              shop/web -> shop/db: tcp/5433 (by shop/shop-app/web-not-to-db, was by default, vrf shop/default)

            """.ReplaceLineEndings("\n"),
            run.Output);
    }

    [Fact]
    public async Task Plan_shows_assertions_that_would_not_hold_with_a_connection()
    {
        using var changed = TemporaryDirectory.CopyOf(Policies.Shop, "none of this", "");
        changed.Write("z.yaml", "apiVersion: osc/v1\nkind: Assertion\nmetadata: { name: closed, tenant: shop }\nspec: { never: { from: [ app ], to: [ db ], services: [ tcp/5432 ] } }\n");
        var run = await CliRun.Of($"plan {Policies.Shop} {changed.Path}");
        Assert.Contains("assertions that would not hold: an apply is refused\n  shop/closed: ", run.Output);
        Assert.Contains(" tcp/5432 passes: out shop/shop-app/app-to-db, in shop/shop-app/app-to-db\n", run.Output);
    }

    [Fact]
    public async Task Plan_shows_rules_that_would_do_nothing()
    {
        using var changed = TemporaryDirectory.CopyOf(Policies.Shop, "- name: app-to-db", "- { name: new, from: [ app ], to: [ db ], action: allow }\n    - name: app-to-db");
        var run = await CliRun.Of($"plan {Policies.Shop} {changed.Path}");
        Assert.Contains(
            "rules that would do nothing (of all policies)\n  shop/shop-app/app-to-db comes after rules that decide all that it matches: shop/shop-app/new\n",
            run.Output);
    }

    [Fact]
    public async Task Plan_shows_a_label_that_changes_and_documents_that_come_and_go()
    {
        using var changed = TemporaryDirectory.CopyOf(Policies.Shop, "name: legacy-1", "name: legacy-2");
        var run = await CliRun.Of($"plan {Policies.Shop} {changed.Path} -o json");
        using var json = JsonDocument.Parse(run.Output);
        var changes = json.RootElement.GetProperty("changes").EnumerateArray().Select(c => $"{c.GetProperty("change")} {c.GetProperty("document")}").ToArray();
        Assert.Contains("deleted shop/Workload/legacy-1", changes);
        Assert.Contains("created shop/Workload/legacy-2", changes);
    }

    [Fact]
    public async Task Plan_tells_rules_apart_by_name()
    {
        using var before = new TemporaryDirectory();
        using var after = new TemporaryDirectory();
        before.Write("p.yaml", Policy("    - { name: a, action: allow }\n    - { name: b, action: drop }\n    - { name: c, action: drop }\n"));
        after.Write("p.yaml", Policy("    - { name: c, action: drop }\n    - { name: new, action: allow }\n    - { name: b, action: reject }\n"));
        var run = await CliRun.Of($"plan {before.Path} {after.Path}");
        Assert.StartsWith(
            """
            updated default/Policy/p
              spec.rules - {"name":"a","action":"allow"}
              spec.rules + {"name":"new","action":"allow"}
              spec.rules[b].action: drop -> reject
              spec.rules: order b, c -> c, b
            """.ReplaceLineEndings("\n"),
            run.Output);
    }

    [Fact]
    public async Task Plan_refuses_what_is_not_enforced_yet_and_what_is_wrong()
    {
        using var changed = TemporaryDirectory.CopyOf(Policies.Shop, "none of this", "");
        changed.Write("z.yaml", "apiVersion: osc/v1\nkind: SecurityGroup\nmetadata: { name: pay }\nspec: { members: [ { fqdn: \"*.pay.example.com\" } ] }\n---\napiVersion: osc/v1\nkind: Policy\nmetadata: { name: wild }\nspec: { rules: [ { name: r, to: [ pay ], action: allow } ] }\n");
        var run = await CliRun.Of($"plan {Policies.Shop} {changed.Path}");
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("DNS has no answer for '*.pay.example.com'", run.Error);
        changed.Write("z.yaml", "kind: Nonsense\n");
        Assert.Equal(1, (await CliRun.Of($"plan {Policies.Shop} {changed.Path}")).ExitCode);
    }

    private static string Policy(string rules) => $"apiVersion: osc/v1\nkind: Policy\nmetadata: {{ name: p }}\nspec:\n  rules:\n{rules}";
}
