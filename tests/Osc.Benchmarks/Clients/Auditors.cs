using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;

namespace Osc.Benchmarks.Clients;

/// <summary>Somebody who asks the audit log.</summary>
internal sealed class Auditor(Client client, ServedSite site) : Work(client)
{
    protected override IEnumerable<(int Weight, Func<CancellationToken, Task> Step)> Steps =>
    [
        Often(5, () => Request.Get("audit: newest", "api/v1/audit"), Client),
        Often(5, () => Request.Get("audit: by actor", "api/v1/audit?limit=50&actor=" + Client.Any(["editor-0", "editor-3", "osc", "admin"])), Client),
        Often(5, () => Request.Get("audit: by tenant and kind", $"api/v1/audit?limit=50&tenant={Client.Any(site.Plots).Tenant}&kind=policy"), Client),
        Often(3, () => Request.Get("audit: oldest of an action", "api/v1/audit?limit=50&order=asc&action=document.update"), Client),
        Often(3, () => Request.Get("audit: by time", $"api/v1/audit?limit=50&from={DateTime.UtcNow.AddSeconds(-30):O}&to={DateTime.UtcNow.AddSeconds(-20):O}"), Client),
        Often(4, () => Request.Get("audit: by text", $"api/v1/audit?limit=20&text={Uri.EscapeDataString($"172.16.0.{Client.Random.Next(250)}")}"), Client),
        Often(2, () => Request.Get("audit: counts by actor", "api/v1/audit/counts?by=actor"), Client),
        (5, ProveAsync),
    ];

    private async Task ProveAsync(CancellationToken stop)
    {
        var answer = await Client.SendAsync(Request.Get("checkpoint", "api/v1/audit/checkpoint"), stop);
        if (answer.IsDone)
        {
            var size = answer.Json.GetProperty("size").GetInt64();
            await Client.SendAsync(Request.Get("audit: proof of inclusion", $"api/v1/audit/proofs/inclusion?sequence={Client.Random.NextInt64(1, size + 1)}&size={size}"), stop);
            await Client.SendAsync(Request.Get("audit: proof of consistency", $"api/v1/audit/proofs/consistency?from={Client.Random.NextInt64(1, size + 1)}&to={size}"), stop);
        }
    }
}

/// <summary>Takes the last minute's audit records away, and now and then all of them, which have to be without a gap.</summary>
internal sealed class Exporter(Client client) : Work(client)
{
    private const int Seldom = 20;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    private int exports;

    protected override IEnumerable<(int Weight, Func<CancellationToken, Task> Step)> Steps => [(1, ExportAsync)];

    /// <summary>An export is work for a program, not for somebody who clicks: it has a pause of its own.</summary>
    public override Task RunAsync(TimeSpan pause, CancellationToken stop) => base.RunAsync(Pause, stop);

    private async Task ExportAsync(CancellationToken stop)
    {
        var isWhole = exports++ % Seldom == 0;
        var from = isWhole ? "" : $"&from={DateTime.UtcNow.AddMinutes(-1):O}";
        using var message = new HttpRequestMessage(HttpMethod.Get, $"api/v1/audit?order=asc{from}") { Headers = { Accept = { new MediaTypeWithQualityHeaderValue("application/x-ndjson") } } };
        var started = Stopwatch.GetTimestamp();
        try
        {
            using var response = await Client.Http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, stop);
            response.EnsureSuccessStatusCode();
            using var lines = new StreamReader(await response.Content.ReadAsStreamAsync(stop));
            var (records, last) = (0, 0L);
            while (await lines.ReadLineAsync(stop) is { } line)
            {
                var sequence = AuditLine.SequenceIn(line);
                if (isWhole && sequence != last + 1)
                {
                    Client.Tally.Failed($"{Client.Name}: record {sequence} comes after record {last}");
                }

                (last, records) = (sequence, records + 1);
            }

            var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
            Client.Tally.Answered(isWhole ? "audit: export of all" : "audit: export of a minute", RequestClass.Read, seconds * 1000);
            Client.Tally.Count("records exported", records);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return;
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            Client.Tally.Failed($"{Client.Name}, export: {e.Message}");
        }
    }
}

/// <summary>Watches the audit log live: every record has to come, once, in order.</summary>
internal sealed class Watcher(Client client) : Work(client)
{
    private const string Id = "id: ";

    protected override IEnumerable<(int Weight, Func<CancellationToken, Task> Step)> Steps => [(1, TailAsync)];

    private async Task TailAsync(CancellationToken stop)
    {
        var last = 0L;
        try
        {
            using var response = await Client.Http.GetAsync("api/v1/audit/tail", HttpCompletionOption.ResponseHeadersRead, stop);
            response.EnsureSuccessStatusCode();
            using var lines = new StreamReader(await response.Content.ReadAsStreamAsync(stop));
            while (await lines.ReadLineAsync(stop) is { } line)
            {
                if (!line.StartsWith(Id, StringComparison.Ordinal))
                {
                    continue;
                }

                var sequence = long.Parse(line.AsSpan(Id.Length), CultureInfo.InvariantCulture);
                if (last > 0 && sequence != last + 1)
                {
                    Client.Tally.Failed($"{Client.Name}: record {sequence} comes after record {last}");
                }

                last = sequence;
                Client.Tally.Count("records seen live");
            }

            Client.Tally.Failed($"{Client.Name}: the live tail ended");
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return;
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            Client.Tally.Failed($"{Client.Name}, tail: {e.Message}");
        }
    }
}

/// <summary>Reads exported records as far as it is needed.</summary>
internal static class AuditLine
{
    private const string Sequence = "{\"sequence\":";

    public static long SequenceIn(string line) => line.StartsWith(Sequence, StringComparison.Ordinal)
        ? long.Parse(line.AsSpan(Sequence.Length, line.IndexOf(',', StringComparison.Ordinal) - Sequence.Length), CultureInfo.InvariantCulture)
        : throw new InvalidDataException("a line that is no audit record");
}
