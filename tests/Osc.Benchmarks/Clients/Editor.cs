using System.Globalization;

namespace Osc.Benchmarks.Clients;

/// <summary>
/// Somebody who works on a tenant's policy, with a group and a policy of his own in it: looks, tries, changes, and is refused. The tenant's own policy he shares with others,
/// and changes it only as he has read it.
/// </summary>
/// <param name="number">His own among the editors.</param>
internal sealed class Editor(Client client, ServedSite site, Plot home, int number) : Work(client)
{
    private readonly string own = string.Create(CultureInfo.InvariantCulture, $"own-{number}");
    private int changes;

    private string PolicyPath => $"api/v1/{home.Tenant}/policy/{own}";

    protected override IEnumerable<(int Weight, Func<CancellationToken, Task> Step)> Steps =>
    [
        .. new Reading(Client, site, home, isConfined: true).Steps,
        (30, stop => Client.SendAsync(Write("put a document", HttpMethod.Put, $"api/v1/{home.Tenant}/securitygroup/{own}", Group()), stop)),
        (16, stop => Client.SendAsync(Write("apply several documents", HttpMethod.Post, "api/v1/apply", $"[{Group()},{Policy()}]"), stop)),
        (10, ChangeAsReadAsync),
        (8, RepeatAsync),
        (8, stop => Client.SendAsync(Write("put what others have changed", HttpMethod.Put, PolicyPath, Policy(), 412).With("If-Match", "\"0\""), stop)),
        (6, stop => Client.SendAsync(Write("dry run", HttpMethod.Post, "api/v1/apply?dryRun=true", Policy(Client.Random.Next(60_000))), stop)),
        (4, stop => Client.SendAsync(Request.Ask("plan", "api/v1/plan", Group(Client.Random.Next(60_000))) with { Class = RequestClass.Write }, stop)),
        (6, stop => Client.SendAsync(Write("put what names nothing", HttpMethod.Put, PolicyPath, Policy().Replace("\"from\":[\"own", "\"from\":[\"missing", StringComparison.Ordinal), 422), stop)),
        (3, stop => Client.SendAsync(Write("put what is no document", HttpMethod.Post, "api/v1/apply", """{"kind":"Policy","spec":7}""", 422), stop)),
        (3, stop => Client.SendAsync(Write("put into another tenant", HttpMethod.Put, $"api/v1/{ServedSite.CarefulTenant}/securitygroup/{own}", Group().Replace($"\"{home.Tenant}\"", $"\"{ServedSite.CarefulTenant}\"", StringComparison.Ordinal), 403), stop)),
        (6, DeleteAsync),
    ];

    /// <summary>Makes what the client works on.</summary>
    public Task BeginAsync(CancellationToken stop) => Client.SendAsync(Write("apply several documents", HttpMethod.Post, "api/v1/apply", $"[{Group()},{Policy()}]"), stop);

    private static Request Write(string kind, HttpMethod method, string path, string body, params int[] refusals) => Request.Write(kind, method, path, body, refusals);

    /// <summary>Reads the policy that all of the tenant share and changes its reason for being, unless somebody else was faster.</summary>
    private async Task ChangeAsReadAsync(CancellationToken stop)
    {
        var path = $"api/v1/{home.Tenant}/policy/{home.Policy}";
        var read = await Client.SendAsync(Request.Get("get a document", path), stop);
        if (read is { IsDone: true, Tag: { } tag })
        {
            await Client.SendAsync(Write("put what was read before", HttpMethod.Put, path, Labels.In(read.Body, "turn", Next()), 412).With("If-Match", tag), stop);
        }
    }

    /// <summary>A client that does not know whether its request arrived sends it again.</summary>
    private async Task RepeatAsync(CancellationToken stop)
    {
        var request = Write("apply with a key", HttpMethod.Post, "api/v1/apply", Policy()).With("Idempotency-Key", $"{own}-{Next()}");
        var first = await Client.SendAsync(request, stop);
        var again = await Client.SendAsync(request with { Kind = "apply with a key again" }, stop);
        if (first.IsDone && again.IsDone && (!again.IsRepeated || again.Body != first.Body))
        {
            Client.Tally.Failed($"{Client.Name}: a repeated request was answered otherwise");
        }
    }

    private async Task DeleteAsync(CancellationToken stop)
    {
        await Client.SendAsync(Request.Write("delete a document", HttpMethod.Delete, PolicyPath, null), stop);
        await Client.SendAsync(Write("put a document", HttpMethod.Put, PolicyPath, Policy()), stop);
    }

    private string Next() => (++changes).ToString(CultureInfo.InvariantCulture);

    private string Group(int? at = null)
    {
        var place = at ?? ++changes;
        return $$$"""{"apiVersion":"osc/v1","kind":"SecurityGroup","metadata":{"name":"{{{own}}}","tenant":"{{{home.Tenant}}}"},"spec":{"members":[{"cidr":"172.{{{16 + (number % 16)}}}.{{{place / 250 % 250}}}.{{{place % 250}}}/32"},{"group":"{{{home.Groups[0]}}}"}]}}""";
    }

    private string Policy(int? at = null) =>
        $$$"""{"apiVersion":"osc/v1","kind":"Policy","metadata":{"name":"{{{own}}}","tenant":"{{{home.Tenant}}}"},"spec":{"order":{{{200 + number}}},"appliedTo":["{{{home.Groups[^1]}}}"],"rules":[{"name":"own","from":["{{{own}}}"],"to":["{{{home.Groups[^1]}}}"],"services":["tcp/{{{1_024 + ((at ?? ++changes) % 60_000)}}}"],"action":"allow"}]}}""";
}

/// <summary>Somebody who keeps the inventory: gives workloads labels, by which they join groups and leave them.</summary>
internal sealed class InventoryKeeper(Client client, ServedSite site, Plot home) : Work(client)
{
    private int changes;

    protected override IEnumerable<(int Weight, Func<CancellationToken, Task> Step)> Steps =>
    [
        .. new Reading(Client, site, home, isConfined: false).Steps,
        (60, RelabelAsync),
    ];

    private async Task RelabelAsync(CancellationToken stop)
    {
        var plot = Client.Any(site.Plots);
        var path = $"api/v1/{plot.Tenant}/workload/{Client.Any(plot.Workloads)}";
        var read = await Client.SendAsync(Request.Get("get a document", path), stop);
        if (read is not { IsDone: true, Tag: { } tag })
        {
            return;
        }

        // One in four joins or leaves groups, where the selectors of the site ask for that label; the others change what no rule asks for.
        var (key, value) = Client.Random.Next(4) == 0 ? ("env", Client.Any(["prod", "test"])) : ("turn", (++changes).ToString(CultureInfo.InvariantCulture));
        await Client.SendAsync(Request.Write("relabel a workload", HttpMethod.Put, path, Labels.In(read.Body, key, value), 412).With("If-Match", tag), stop);
    }
}
