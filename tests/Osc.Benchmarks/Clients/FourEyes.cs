using System.Globalization;

namespace Osc.Benchmarks.Clients;

/// <summary>Proposes changes of the tenant that asks for two persons; what it tries without one is refused.</summary>
internal sealed class Proposer(Client client, int number) : Work(client)
{
    private int changes;

    protected override IEnumerable<(int Weight, Func<CancellationToken, Task> Step)> Steps =>
    [
        // Up to 1000 may be open (docs/api.md).
        Often(6, () => Request.Write("propose", HttpMethod.Post, "api/v1/proposals", Group(), 409), Client),
        Often(1, () => Request.Write("put without a second person", HttpMethod.Put, $"api/v1/{ServedSite.CarefulTenant}/securitygroup/{Name}", Group(), 409), Client),
        Often(3, () => Request.Get("list proposals", "api/v1/proposals?limit=20"), Client),
    ];

    private string Name => string.Create(CultureInfo.InvariantCulture, $"kept-{number}");

    private string Group()
    {
        var place = ++changes;
        return $$$"""{"apiVersion":"osc/v1","kind":"SecurityGroup","metadata":{"name":"{{{Name}}}","tenant":"{{{ServedSite.CarefulTenant}}}"},"spec":{"members":[{"cidr":"198.51.{{{place / 250 % 250}}}.{{{place % 250}}}/32"}]}}""";
    }
}

/// <summary>Agrees to what was proposed.</summary>
internal sealed class Approver(Client client) : Work(client)
{
    protected override IEnumerable<(int Weight, Func<CancellationToken, Task> Step)> Steps => [(1, DecideAsync)];

    private async Task DecideAsync(CancellationToken stop)
    {
        var open = await Client.SendAsync(Request.Get("list proposals", "api/v1/proposals?limit=50"), stop);
        if (!open.IsDone)
        {
            return;
        }

        foreach (var id in open.Json.GetProperty("items").EnumerateArray().Select(p => p.GetProperty("id").GetInt64()).TakeWhile(_ => !stop.IsCancellationRequested))
        {
            // Another approver may have been faster, or what was proposed mean something else by now: then it is turned down.
            var path = string.Create(CultureInfo.InvariantCulture, $"api/v1/proposals/{id}");
            var answer = await Client.SendAsync(Request.Write("approve", HttpMethod.Post, $"{path}/approve", null, 409), stop);
            if (!answer.IsDone)
            {
                await Client.SendAsync(Request.Write("reject", HttpMethod.Post, $"{path}/reject", null, 409), stop);
            }
        }
    }
}

/// <summary>A program whose token is no good, and that does not notice.</summary>
internal sealed class Stranger(Client client) : Work(client)
{
    protected override IEnumerable<(int Weight, Func<CancellationToken, Task> Step)> Steps => [Often(1, () => Request.Get("a token that is none", "api/v1/documents", 401), Client)];
}
