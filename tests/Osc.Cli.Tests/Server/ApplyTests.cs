using Xunit;

namespace Osc.Cli.Tests.Server;

public sealed class ApplyTests
{
    private const string Service = "apiVersion: osc/v1\nkind: Service\nmetadata: { name: web, tenant: shop }\nspec: { ports: [ tcp/80 ] }\n";

    private const string Applied =
        """{"revision":17,"dryRun":false,"changes":[{"document":"shop/Service/web","change":"created"},{"document":"shop/Policy/p","change":"unchanged"}],"hosts":[{"host":"h1","added":4,"removed":0,"flows":120}]}""";

    [Fact]
    public async Task Apply_sends_canonical_yaml_with_token_and_reason_and_says_what_came_of_it()
    {
        await using var controller = new StubController().Answer("POST /api/v1/apply", Applied);
        var run = await controller.RunAsync("apply -f - --reason TICKET-17:ümlaut", Service);
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Equal(
            "created shop/Service/web\n1 document unchanged\n\nHOST  ADDED  REMOVED  FLOWS\nh1    4      0        120\nrevision 17\n",
            run.Output);
        var request = Assert.Single(controller.Seen);
        Assert.Equal("Bearer secret", request.Authorization);
        Assert.StartsWith("application/yaml", request.ContentType);
        Assert.Contains("name: web", request.Body);
        Assert.NotNull(request.Reason);
    }

    [Fact]
    public async Task Apply_of_a_directory_sends_all_its_documents()
    {
        await using var controller = new StubController().Answer("POST /api/v1/apply", Applied);
        await controller.RunAsync("apply -f " + Policies.Shop);
        var written = Directory.EnumerateFiles(Policies.Shop, "*.yaml").Sum(f => File.ReadAllText(f).Split("apiVersion: osc/v1").Length - 1);
        Assert.Equal(written, Assert.Single(controller.Seen).Body.Split("apiVersion: osc/v1").Length - 1);
    }

    [Fact]
    public async Task Dry_run_and_plan_change_nothing()
    {
        var answer = Applied.Replace("\"dryRun\":false", "\"dryRun\":true");
        await using var controller = new StubController().Answer("POST /api/v1/apply?dryRun=true", answer).Answer("POST /api/v1/plan", answer);
        Assert.EndsWith("nothing was changed; this would be revision 17\n", (await controller.RunAsync("apply -f - --dry-run --wait", Service)).Output);
        Assert.EndsWith("nothing was changed; this would be revision 17\n", (await controller.RunAsync("plan -f -", Service)).Output);
        Assert.Equal(2, controller.Seen.Count);
    }

    [Fact]
    public async Task Documents_that_cannot_be_read_are_not_sent()
    {
        await using var controller = new StubController();
        var run = await controller.RunAsync("apply -f -", Service.Replace("tcp/80", "tcp/99999"));
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("standard input:4:", run.Error);
        Assert.Empty(controller.Seen);
    }

    [Fact]
    public async Task Nothing_to_apply_is_refused()
    {
        await using var controller = new StubController();
        Assert.Equal(1, (await controller.RunAsync("apply -f -", "")).ExitCode);
        Assert.Empty(controller.Seen);
    }

    [Fact]
    public async Task Refusal_names_the_persons_file_and_line()
    {
        await using var controller = new StubController().Answer(
            "POST /api/v1/apply",
            """{"title":"The documents are refused; nothing was changed","status":422,"detail":"1 error","errors":[{"document":"shop/Service/web","path":"spec.ports[0]","message":"too many","allowed":"fewer","line":99}]}""",
            422);
        using var directory = new TemporaryDirectory();
        var file = directory.Write("s.yaml", Service);
        var run = await controller.RunAsync("apply -f " + file);
        Assert.Equal(1, run.ExitCode);
        Assert.Equal($"{file}:4:18: shop/Service/web spec.ports[0]: too many; allowed: fewer\nrefused: 1 error\n", run.Error);
        Assert.Equal("", run.Output);
    }

    [Fact]
    public async Task Wait_follows_the_rollout_until_all_hosts_have_it()
    {
        await using var controller = new StubController()
            .Answer("POST /api/v1/apply", Applied)
            .Answer("GET /api/v1/rollouts/17", Rollout("pending", "sent"))
            .Answer("GET /api/v1/rollouts/17", Rollout("acked", "sent"))
            .Answer("GET /api/v1/rollouts/17", Rollout("acked", "acked"));
        var run = await controller.RunAsync("apply -f - --wait", Service);
        Assert.Equal(0, run.ExitCode);
        Assert.Equal(
            "revision 17: 0 of 2 hosts, waiting for h1 pending, h2 sent\nrevision 17: 1 of 2 hosts, waiting for h2 sent\nrevision 17: 2 of 2 hosts\n",
            run.Error);
    }

    [Fact]
    public async Task Wait_follows_the_rollout_also_when_nothing_changed()
    {
        await using var controller = new StubController()
            .Answer("POST /api/v1/apply", Applied.Replace("created", "unchanged"))
            .Answer("GET /api/v1/rollouts/17", Rollout("acked", "sent"))
            .Answer("GET /api/v1/rollouts/17", Rollout("acked", "acked"));
        var run = await controller.RunAsync("apply -f - --wait", Service);
        Assert.Equal("revision 17: 1 of 2 hosts, waiting for h2 sent\nrevision 17: 2 of 2 hosts\n", run.Error);
    }

    [Fact]
    public async Task Wait_shows_progress_in_place_on_a_terminal()
    {
        await using var controller = new StubController().Answer("POST /api/v1/apply", Applied).Answer("GET /api/v1/rollouts/17", Rollout("acked", "acked"));
        Assert.Equal("\r\u001b[Krevision 17: 2 of 2 hosts\n", (await controller.RunAsync("apply -f - --wait", Service, isTerminal: true)).Error);
    }

    [Fact]
    public async Task Wait_ends_with_the_reason_when_a_host_refuses()
    {
        await using var controller = new StubController().Answer("POST /api/v1/apply", Applied).Answer("GET /api/v1/rollouts/17", Rollout("acked", "refused"));
        var run = await controller.RunAsync("apply -f - --wait", Service);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("host h2 refused revision 17: no such port", run.Error);
    }

    [Fact]
    public async Task Wait_gives_up_when_its_time_is_over()
    {
        await using var controller = new StubController().Answer("POST /api/v1/apply", Applied).Answer("GET /api/v1/rollouts/17", Rollout("acked", "sent"));
        var run = await controller.RunAsync("apply -f - --wait --timeout 0.3", Service);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("revision 17 is not everywhere after 0.3 seconds", run.Error);
    }

    internal static string Rollout(string first, string second)
    {
        string[] states = [first, second];
        var hosts = string.Join(',', states.Select((s, i) => $$"""{"host":"h{{i + 1}}","state":"{{s}}","ackedAt":null,"milliseconds":{{(s == "acked" ? "1.25" : "null")}},"error":"{{(s == "refused" ? "no such port" : "")}}"}"""));
        return $$"""{"revision":17,"started":"2026-01-31T12:00:00Z","finished":null,"acked":{{states.Count(s => s == "acked")}},"total":2,"hosts":[{{hosts}}]}""";
    }
}
