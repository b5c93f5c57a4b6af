using System.Globalization;

namespace Osc.Benchmarks.Clients;

/// <summary>What everybody who may read asks for.</summary>
/// <param name="site">What there is.</param>
/// <param name="home">Where the client is at home; one that is confined reads nothing else.</param>
/// <param name="isConfined">Whether its grant is for its home's tenant alone.</param>
internal sealed class Reading(Client client, ServedSite site, Plot home, bool isConfined)
{
    private const int NewestRevisions = 50;

    private const long PastStep = 250;

    /// <summary>The same for all clients for a while, as when an incident is looked into.</summary>
    private long Past => Math.Max(site.FirstRevision, (client.Seen / PastStep - 1) * PastStep);

    private Plot Somewhere => isConfined ? home : client.Any(site.Plots);

    public IEnumerable<(int Weight, Func<CancellationToken, Task> Step)> Steps =>
    [
        (24, GetAsync),
        Once(10, () => Request.Get("list a kind", $"api/v1/{Somewhere.Tenant}/{client.Any(["policy", "securitygroup", "workload"])}?limit=100")),
        Once(4, () => Request.Get("list all documents", "api/v1/documents?limit=100")),
        Once(3, () => Request.Get("list by selector", $"api/v1/documents?tenant={Somewhere.Tenant}&kind=workload&selector={Uri.EscapeDataString("app in (web, db)")}")),
        Once(14, ExplainRequest),
        Once(1, () => ExplainRequest() with { Kind = "explain as it was", Path = $"api/v1/explain?at={Past}" }),
        Once(3, ReachRequest),
        Once(4, () => Request.Get("list hosts", "api/v1/hosts")),
        Once(4, () => Request.Get("get a host", $"api/v1/hosts/{client.Any(site.Agents)}", isConfined ? [403] : [])),
        Once(4, () => Request.Get("list rollouts", "api/v1/rollouts?limit=20")),
        (5, RevisionsAsync),
        Once(4, () => Request.Get("who am I", "api/v1/auth/whoami")),
        Once(3, () => Request.Get("list alarms", "api/v1/alarms")),
        Once(1, () => Request.Get("hits of rules", "api/v1/traffic/rules?limit=20")),
        Once(3, () => Request.Get("blame", $"api/v1/{home.Tenant}/policy/{home.Policy}/blame")),
        Once(2, () => Request.Get("checkpoint", "api/v1/audit/checkpoint")),
        Once(4, () => Request.Get("health", "healthz")),
        Once(1, () => Request.Get("metrics", "metrics", isConfined ? [403] : [])),
        Once(1, () => Request.Get("what another tenant has", $"api/v1/{ServedSite.CarefulTenant}/securitygroup/none", 403, 404)),
    ];

    private (int Weight, Func<CancellationToken, Task> Step) Once(int weight, Func<Request> request) => (weight, stop => client.SendAsync(request(), stop));

    private async Task GetAsync(CancellationToken stop)
    {
        var plot = Somewhere;
        var path = client.Random.Next(3) switch
        {
            0 => $"api/v1/{plot.Tenant}/workload/{client.Any(plot.Workloads)}",
            1 => $"api/v1/{plot.Tenant}/policy/{plot.Policy}",
            _ => $"api/v1/{plot.Tenant}/securitygroup/{client.Any(plot.Groups)}",
        };
        var answer = await client.SendAsync(Request.Get("get a document", path), stop);
        if (answer is { IsDone: true, Tag: { } tag } && client.Random.Next(4) == 0)
        {
            await client.SendAsync(Request.Get("get a document if changed", path).With("If-None-Match", tag), stop);
        }
    }

    private Request ExplainRequest()
    {
        var plot = Somewhere;
        var (from, to) = (client.Any(plot.Workloads), client.Any(plot.Workloads));
        var body = $$"""{"from":"{{plot.Tenant}}/{{from}}","to":"{{(from == to ? "192.0.2.7" : $"{plot.Tenant}/{to}")}}","service":"tcp/{{1 + client.Random.Next(65_000)}}"}""";
        return Request.Ask("explain", "api/v1/explain", body);
    }

    private Request ReachRequest()
    {
        var plot = Somewhere;
        return Request.Ask("reach", "api/v1/reach", $$"""{"from":"{{plot.Tenant}}/{{client.Any(plot.Groups)}}","to":"{{plot.Tenant}}/{{client.Any(plot.Groups)}}"}""");
    }

    private async Task RevisionsAsync(CancellationToken stop)
    {
        var answer = await client.SendAsync(Request.Get("list revisions", "api/v1/revisions?limit=20"), stop);
        if (answer.IsDone && answer.Json.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("revision").GetInt64()).Take(NewestRevisions).ToArray() is { Length: > 0 } revisions)
        {
            var revision = client.Any(revisions).ToString(CultureInfo.InvariantCulture);
            await client.SendAsync(Request.Get("get a rollout", $"api/v1/rollouts/{revision}"), stop);
        }
    }
}

/// <summary>Somebody who looks and changes nothing.</summary>
internal sealed class Viewer(Client client, ServedSite site, Plot home, bool isConfined) : Work(client)
{
    protected override IEnumerable<(int Weight, Func<CancellationToken, Task> Step)> Steps => new Reading(Client, site, home, isConfined).Steps;
}
