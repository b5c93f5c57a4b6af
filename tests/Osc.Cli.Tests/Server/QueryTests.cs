using Osc.Policy.Documents;
using Xunit;

namespace Osc.Cli.Tests.Server;

/// <summary>The commands that only ask the server.</summary>
public sealed class QueryTests
{
    private const string Document = """{"apiVersion":"osc/v1","kind":"Service","metadata":{"name":"web","tenant":"shop","labels":{"app":"web"}},"spec":{"ports":["tcp/80"]}}""";

    private const string Host =
        """{"name":"h1","state":"enforcing","desiredRevision":17,"ackedRevision":17,"flows":120,"digest":"ab","agentVersion":"0.1.0","switchVersion":"3.1.0","lastSeen":"2026-01-31T12:00:00Z","ports":[{"bridge":"br-int","name":"vif1.0","number":3,"linkUp":true}],"unboundPorts":["vif9.0"],"warnings":[],"error":""}""";

    private const string Degraded =
        """{"name":"h2","state":"degraded","since":"2026-01-31T11:59:00Z","error":"nobody listens","desiredRevision":17,"ackedRevision":16,"flows":120,"digest":"ab","agentVersion":"0.1.0","switchVersion":"3.1.0","lastSeen":"2026-01-31T12:00:00Z","agent":{"state":"degraded","started":"2026-01-30T12:00:00Z","heldRevision":16,"heldDigest":"cd","heldFlows":119,"bridges":["br-int"],"portCount":4,"heartbeatSeconds":30,"datapaths":[{"name":"netdev@ovs-netdev","hit":9,"missed":4,"lost":3}]},"ports":[],"unboundPorts":[],"warnings":["said twice","said once"],"alarms":[{"host":"h2","kind":"switch-away","severity":"critical","subject":"br-int","detail":"nobody listens","since":"2026-01-31T11:59:00Z","cleared":null},{"host":"h2","kind":"bridge-not-secure","severity":"warning","subject":"br-int","detail":"said twice","since":"2026-01-31T11:58:00Z","cleared":null}]}""";

    [Fact]
    public async Task Get_lists_all_pages()
    {
        await using var controller = new StubController()
            .Answer("GET /api/v1/documents?kind=service&selector=app%20%3D%20web&limit=1000", $$"""{"items":[{{Document}}],"next":"c1"}""")
            .Answer("GET /api/v1/documents?kind=service&selector=app%20%3D%20web&limit=1000&cursor=c1", $$"""{"items":[{{Document.Replace("\"web\"", "\"db\"")}}],"next":null}""");
        var run = await CliRun.OfArguments(["get", "service", "--selector", "app = web", "--server", controller.Address]);
        Assert.Equal(0, run.ExitCode);
        Assert.Equal("TENANT  KIND     NAME  LABELS\nshop    Service  web   app=web\nshop    Service  db    app=db\n", run.Output);
    }

    [Fact]
    public async Task Get_of_one_document_prints_it()
    {
        await using var controller = new StubController().Answer("GET /api/v1/shop/service/web", Document).Answer("GET /api/v1/default/service/web", Document);
        Assert.StartsWith("apiVersion: osc/v1\nkind: Service\nmetadata:\n  name: web\n", (await controller.RunAsync("get shop/service web")).Output);
        Assert.Contains("\"kind\": \"Service\"", (await controller.RunAsync("get service web -o json")).Output);
    }

    [Fact]
    public async Task Get_of_a_tenants_kind_lists_it()
    {
        await using var controller = new StubController().Answer("GET /api/v1/shop/service?limit=5", """{"items":[],"next":null}""");
        Assert.Equal("none\n", (await controller.RunAsync("get shop/service --limit 5")).Output);
    }

    [Fact]
    public async Task Get_of_a_list_as_yaml_is_a_stream_that_apply_takes()
    {
        await using var controller = new StubController().Answer("GET /api/v1/shop/service?limit=1000", $$"""{"items":[{{Document}},{{Document.Replace("\"web\"", "\"db\"")}}],"next":null}""");
        var read = DocumentReader.ReadYaml((await controller.RunAsync("get shop/service -o yaml")).Output, "answer.yaml");
        Assert.Empty(read.Errors);
        Assert.Equal(["shop/Service/web", "shop/Service/db"], read.Documents.Select(d => d.Key.ToString()));
    }

    [Fact]
    public async Task What_is_not_there_is_refused_with_the_servers_words()
    {
        await using var controller = new StubController().Answer("GET /api/v1/shop/service/nope", """{"title":"There is nothing here","status":404,"detail":"there is no document shop/Service/nope"}""", 404);
        var run = await controller.RunAsync("get shop/service nope");
        Assert.Equal((1, "", "refused: there is no document shop/Service/nope\n"), (run.ExitCode, run.Output, run.Error));
    }

    [Fact]
    public async Task Delete_says_the_revision()
    {
        await using var controller = new StubController().Answer("DELETE /api/v1/shop/service/web", """{"revision":18,"dryRun":false,"changes":[],"hosts":[]}""");
        var run = await controller.RunAsync("delete shop/service web --reason gone");
        Assert.Equal((0, "deleted shop/service/web, revision 18\n"), (run.ExitCode, run.Output));
        Assert.Equal("gone", Assert.Single(controller.Seen).Reason);
    }

    [Fact]
    public async Task Hosts_are_listed_and_shown()
    {
        await using var controller = new StubController().Answer("GET /api/v1/hosts", $$"""{"items":[{{Host}}]}""").Answer("GET /api/v1/hosts/h1", Host);
        Assert.Equal(
            "HOST  STATE      SINCE  DESIRED  ACKED  FLOWS  AGENT  SWITCH  LAST SEEN             ALARMS  WHY\nh1    enforcing         17       17     120    0.1.0  3.1.0   2026-01-31 12:00:00Z  0\n",
            (await controller.RunAsync("hosts")).Output);
        var one = (await controller.RunAsync("host h1")).Output;
        Assert.Contains("port not there    vif9.0\n", one);
        Assert.Contains("br-int  vif1.0  3       up\n", one);
        Assert.Contains("[32menforcing", (await controller.RunAsync("hosts", isTerminal: true)).Output);
    }

    [Fact]
    public async Task Host_that_is_degraded_says_why_and_what_else_is_wrong_once()
    {
        await using var controller = new StubController().Answer("GET /api/v1/hosts", $$"""{"items":[{{Degraded}}]}""").Answer("GET /api/v1/hosts/h2", Degraded);
        Assert.Contains("h2    degraded  2026-01-31 11:59:00Z  17       16     120    0.1.0  3.1.0   2026-01-31 12:00:00Z  2       nobody listens\n", (await controller.RunAsync("hosts")).Output);
        var one = (await controller.RunAsync("host h2")).Output;
        Assert.Contains("why               nobody listens\n", one);
        Assert.Contains("agent holds       revision 16, 119 flows, digest cd\n", one);
        Assert.Contains("datapath          netdev@ovs-netdev: 9 packets had a flow, 4 needed a decision, 3 never got one\n", one);
        Assert.Contains("warning           said once\n", one);
        Assert.Contains("h2    critical  switch-away        br-int  2026-01-31 11:59:00Z  nobody listens\n", one);
        Assert.Single(one.Split('\n'), l => l.Contains("said twice", StringComparison.Ordinal));
        Assert.Contains("[91mdegraded", (await controller.RunAsync("hosts", isTerminal: true)).Output);
    }

    [Fact]
    public async Task Alarms_are_listed_with_their_end_where_they_have_one()
    {
        const string Stands = """{"host":"h2","kind":"switch-away","severity":"critical","subject":"br-int","detail":"nobody listens","since":"2026-01-31T11:59:00Z","cleared":null}""";
        const string Over = """{"host":"h1","kind":"agent-silent","severity":"critical","subject":"","detail":"quiet","since":"2026-01-31T11:00:00Z","cleared":"2026-01-31T11:01:00Z"}""";
        await using var controller = new StubController()
            .Answer("GET /api/v1/alarms?limit=100", $$"""{"items":[{{Stands}}],"next":null}""")
            .Answer("GET /api/v1/alarms?state=all&host=h2&kind=switch-away&severity=critical&limit=2", $$"""{"items":[{{Stands}},{{Over}}],"next":"c"}""");
        Assert.Equal(
            "HOST  SEVERITY  ALARM        ABOUT   SINCE                 DETAIL\nh2    critical  switch-away  br-int  2026-01-31 11:59:00Z  nobody listens\n",
            (await controller.RunAsync("alarms")).Output);
        var all = await controller.RunAsync("alarms --state all --host h2 --kind switch-away --severity critical --limit 2");
        Assert.Contains("h2    critical  switch-away   br-int  2026-01-31 11:59:00Z  stands                nobody listens\n", all.Output);
        Assert.Contains("2026-01-31 11:00:00Z  2026-01-31 11:01:00Z  quiet\n", all.Output);
        Assert.Equal("there are more: raise --limit\n", all.Error);
    }

    [Fact]
    public async Task Rollouts_are_listed_shown_and_followed()
    {
        var rollout = ApplyTests.Rollout("acked", "acked");
        await using var controller = new StubController()
            .Answer("GET /api/v1/rollouts", $$"""{"items":[{{rollout}}]}""")
            .Answer("GET /api/v1/rollouts?limit=1", $$"""{"items":[{{rollout}}]}""")
            .Answer("GET /api/v1/rollouts/17", rollout);
        Assert.Equal("REVISION  STARTED               FINISHED  HOSTS  STATE\n17        2026-01-31 12:00:00Z            2/2    acked\n", (await controller.RunAsync("rollout")).Output);
        Assert.Contains("revision 17, started 2026-01-31 12:00:00Z: 2 of 2 hosts have it\n", (await controller.RunAsync("rollout 17")).Output);
        var watched = await controller.RunAsync("rollout --watch");
        Assert.Equal((0, "revision 17: 2 of 2 hosts\n"), (watched.ExitCode, watched.Error));
        Assert.Contains("h1    acked", watched.Output);
    }

    [Fact]
    public async Task Audit_hands_every_filter_on_and_says_when_there_is_more()
    {
        const string Record =
            """{"sequence":5,"time":"2026-01-31T12:00:00.5Z","actor":"alice","address":"10.0.0.9","requestId":"r","action":"document.create","tenant":"shop","kind":"Service","name":"web","revision":17,"reason":"TICKET-17","outcome":"ok","before":null,"after":{}}""";
        await using var controller = new StubController().Answer(
            "GET /api/v1/audit?actor=alice&action=document.create&tenant=shop&kind=service&name=web&revision=17&from=2026-01-01T00%3A00%3A00Z&to=2026-02-01T00%3A00%3A00Z&text=a%26b&order=asc&limit=1",
            $$"""{"items":[{{Record}}],"next":"c1"}""");
        var run = await controller.RunAsync(
            "audit --actor alice --action document.create --tenant shop --kind service --name web --revision 17 --from 2026-01-01T00:00:00Z --to 2026-02-01T00:00:00Z --text a&b --order asc --limit 1");
        Assert.Equal(
            "SEQ  TIME                  ACTOR  ACTION           DOCUMENT          REV  OUTCOME  REASON\n5    2026-01-31 12:00:00Z  alice  document.create  shop/Service/web  17   ok       TICKET-17\n",
            run.Output);
        Assert.Equal((0, "there are more: raise --limit\n"), (run.ExitCode, run.Error));
    }

    [Fact]
    public async Task Revisions_are_listed()
    {
        await using var controller = new StubController().Answer("GET /api/v1/revisions?limit=50", """{"items":[{"revision":17,"time":"2026-01-31T12:00:00Z","actor":"alice","reason":"why [not]","changes":3}],"next":null}""");
        Assert.Equal("REVISION  TIME                  ACTOR  CHANGES  REASON\n17        2026-01-31 12:00:00Z  alice  3        why [not]\n", (await controller.RunAsync("revisions")).Output);
        Assert.StartsWith("items:\n- revision: 17\n", (await controller.RunAsync("revisions -o yaml")).Output);
    }

    [Fact]
    public async Task Explain_asks_the_server_where_no_documents_are_named()
    {
        await using var controller = new StubController().Answer(
            "POST /api/v1/explain",
            """{"vrf":"shop/default","source":"10.10.0.11","destination":"10.20.0.12","protocol":"tcp","destinationPort":5432,"verdict":"allow","in":{"workload":"shop/db-1","action":"allow","rule":"default"}}""");
        var run = await controller.RunAsync("explain --from 10.10.0.11 --to shop/db-1 --service tcp/5432");
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("verdict: allow\n", run.Output);
        Assert.Contains("in    shop/db-1  allow   default (no rule decided)\n", run.Output);
        Assert.Equal("""{"from":"10.10.0.11","to":"shop/db-1","service":"tcp/5432"}""", Assert.Single(controller.Seen).Body);
    }

    [Theory]
    [InlineData(401, """{"title":"A valid token is needed","status":401}""", 1, "refused: the server asks for a token that it knows: set OSC_TOKEN, or say --token-file FILE")]
    [InlineData(403, """{"title":"The token's role does not allow this","status":403,"detail":null,"errors":[]}""", 1, "refused: The token's role does not allow this")]
    [InlineData(400, """{"title":"t","status":400,"detail":"the parameter 'x' is wrong","errors":[{"path":"x","message":"bad","allowed":"good"}]}""", 1, "x: bad; allowed: good")]
    [InlineData(503, """{"title":"t","status":503,"detail":"the store is full"}""", 1, "refused: the store is full")]
    [InlineData(502, """{"title":"Bad gateway","status":502}""", 3, "is no Osc controller: HTTP status 502")]
    [InlineData(200, "<html></html>", 3, "is no Osc controller: HTTP status 200")]
    [InlineData(200, "[]", 3, "is no Osc controller")]
    [InlineData(200, "{}", 3, "is no Osc controller")]
    [InlineData(200, """{"items":[{"name":1}]}""", 3, "is no Osc controller")]
    [InlineData(404, "not found", 3, "is no Osc controller: HTTP status 404")]
    [InlineData(404, "[]", 3, "is no Osc controller: HTTP status 404")]
    public async Task Failures_of_the_server_are_told_by_exit_code_and_reason(int status, string body, int exitCode, string reason)
    {
        await using var controller = new StubController().Answer("GET /api/v1/hosts", body, status);
        var run = await controller.RunAsync("hosts");
        Assert.Equal(exitCode, run.ExitCode);
        Assert.Contains(reason, run.Error);
        Assert.DoesNotContain("   at ", run.Error);
    }

    [Fact]
    public async Task Server_that_is_not_there_is_out_of_reach()
    {
        string address;
        await using (var controller = new StubController())
        {
            address = controller.Address;
        }

        var run = await CliRun.Of("hosts --server " + address);
        Assert.Equal(3, run.ExitCode);
        Assert.Contains("is out of reach", run.Error);
    }

    [Fact]
    public async Task Token_is_read_from_its_file()
    {
        using var directory = new TemporaryDirectory();
        await using var controller = new StubController().Answer("GET /api/v1/hosts", """{"items":[]}""");
        await controller.RunAsync("hosts --token-file " + directory.Write("token", "from-file\n"));
        Assert.Equal("Bearer from-file", Assert.Single(controller.Seen).Authorization);
        var bad = await controller.RunAsync("hosts --token-file " + directory.Write("bad", "two words"));
        Assert.Equal(2, bad.ExitCode);
    }

    [Fact]
    public async Task Explain_as_of_then_shows_who_brought_the_rule_and_which_flows_carry_it()
    {
        await using var controller = new StubController().Answer(
            "POST /api/v1/explain?at=2026-11-01T12%3A00%3A00Z&all=true",
            """
            {"vrf":"shop/default","source":"10.10.0.11","destination":"192.0.2.1","protocol":"tcp","destinationPort":80,"verdict":"drop","revision":17,
             "out":{"workload":"shop/web-1","action":"drop","rule":"shop/p/r","interface":"shop/web-1/eth0","host":"h1","bridge":"br-int","port":"vif1.0","tiers":[],
              "origin":{"revision":3,"time":"2026-10-31T12:00:00Z","actor":"alice","reason":"ticket 42","audit":9,"isOlder":false},
              "flows":[{"for":"rule","table":13,"tableName":"OutApplication","priority":40,"match":"reg2=0x1","cookie":"0x5c0020300000007"}]}}
            """);
        var run = await controller.RunAsync("explain --at 2026-11-01T12:00:00Z --all --from shop/web-1 --to 192.0.2.1 --service tcp/80");
        Assert.Equal(
            """
            10.10.0.11 -> 192.0.2.1 tcp/80, vrf shop/default, at revision 17
            verdict: drop
            SIDE  WORKLOAD    ACTION  RULE      CHAIN
            out   shop/web-1  drop    shop/p/r

            out: shop/web-1/eth0, on h1, bridge br-int, port vif1.0
              the rule is as it is since revision 3, 2026-10-31 12:00:00Z, by alice: ticket 42 (audit record 9)
              flow for rule: table 13 (OutApplication), priority 40, reg2=0x1, cookie 0x5c0020300000007

            """.ReplaceLineEndings("\n"),
            run.Output);
    }

    [Fact]
    public async Task Explain_of_files_has_no_past()
    {
        var run = await CliRun.Of($"explain {Policies.Shop} --at 3 --from shop/web-1 --to shop/db-1 --service tcp/80");
        Assert.Equal((2, "files have no history: --at goes to a server\n"), (run.ExitCode, run.Error));
    }
}
