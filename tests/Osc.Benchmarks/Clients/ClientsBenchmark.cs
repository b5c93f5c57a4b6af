using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Osc.Lab;

namespace Osc.Benchmarks.Clients;

/// <summary>
/// A hundred clients at once on one controller, as users come: viewers, editors of several tenants, keepers of the inventory, auditors, live tails, exports, proposals and approvals, and
/// a program with a wrong token. osc-controller and its broker are processes; everything goes over HTTP; agents, which take all flows and confirm them, over RabbitMQ.
/// Every answer is done, or refused as docs/api.md says, or a failure; and in the end the audit log has to hold what clients were told is done.
/// </summary>
internal static class ClientsBenchmark
{
    private const double UsualMinutes = 0.5;

    /// <summary>Between two things that a client does, on average, where clients think.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private static readonly TimeSpan Alone = TimeSpan.FromSeconds(10);

    private static readonly string[] Changes = ["document.create", "document.update", "document.delete"];

    /// <summary>All sizes for a short while, as make bench does.</summary>
    public static async Task<int> RunAsync() => await RunAsync("demo", UsualMinutes) + await RunAsync("100k", UsualMinutes);

    /// <param name="argument">"clients", "clients:SIZE" or "clients:SIZE:MINUTES".</param>
    /// <returns>null if it is none of those.</returns>
    public static Task<int>? Run(string argument) => argument.Split(':') switch
    {
        ["clients"] => RunAsync(),
        ["clients", var size] when ServedSite.Sizes.Contains(size) => RunAsync(size, UsualMinutes),
        ["clients", var size, var text] when ServedSite.Sizes.Contains(size) && double.TryParse(text, CultureInfo.InvariantCulture, out var minutes) && minutes > 0 => RunAsync(size, minutes),
        _ => null,
    };

    private static async Task<int> RunAsync(string size, double minutes)
    {
        var site = ServedSite.Of(size);
        await using var space = await LabSpace.ClaimAsync("clients");
        var clock = Stopwatch.StartNew();
        using var controller = await ServedController.StartAsync(space, site.Documents);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Clients on {site.Name}: {site.Documents.Count:N0} documents, {site.Agents.Count} agents, {Environment.ProcessorCount} cores, load {File.ReadAllText("/proc/loadavg").Trim()}; store filled and started in {clock.Elapsed.TotalSeconds:0} s"));
        var background = new Tally();
        var agents = site.Agents.Select(host => new SimulatedAgent(controller.Broker, host, background)).ToArray();
        await Task.WhenAll(agents.Select(a => a.StartAsync()));
        var crowd = await Crowd.AdmitAsync(controller, site);
        using var probe = new MachineProbe(space.DirectoryPath);

        var failures = 0L;
        (string Name, IReadOnlyList<Work> Works, TimeSpan Pause, TimeSpan Length)[] phases =
        [
            ("one viewer alone", [crowd.Works.OfType<Viewer>().First()], Pause / 10, Alone),
            ("one editor alone", [crowd.Works.OfType<Editor>().First()], Pause / 10, Alone),
            ($"{crowd.Works.Count} clients who think {Pause.TotalMilliseconds:0} ms", crowd.Works, Pause, TimeSpan.FromMinutes(minutes)),
            ($"{crowd.Works.Count} clients without a pause", crowd.Works, TimeSpan.Zero, TimeSpan.FromMinutes(minutes / 5)),
        ];
        foreach (var (name, works, pause, length) in phases)
        {
            var tally = new Tally();
            await LoadPhase.RunAsync(name, works, pause, length, probe, works.Count > 1 ? new(controller.ProcessId, controller.Admin, controller.Store) : null, tally);
            failures += tally.Failures;
        }

        foreach (var (what, count) in background.Events)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what}: {count:N0}"));
        }

        failures += await CheckAsync(controller, crowd) + background.Failures;
        Console.WriteLine($"failures in all: {failures}");
        foreach (var agent in agents)
        {
            await agent.DisposeAsync();
        }

        return failures > 0 ? 1 : 0;
    }

    /// <summary>Asks the audit log what each client changed: exactly what the client was told.</summary>
    private static async Task<long> CheckAsync(ServedController controller, Crowd crowd)
    {
        var logged = new Dictionary<string, long>();
        foreach (var action in Changes)
        {
            using var answer = JsonDocument.Parse(await controller.Admin.GetStringAsync($"api/v1/audit/counts?by=actor&action={action}"));
            foreach (var item in answer.RootElement.GetProperty("items").EnumerateArray())
            {
                var actor = item.GetProperty("value").GetString() ?? "";
                logged[actor] = logged.GetValueOrDefault(actor) + item.GetProperty("records").GetInt64();
            }
        }

        var writers = crowd.Works.Where(w => w is Editor or InventoryKeeper).Select(w => w.Client).ToArray();
        var wrong = writers.Where(c => logged.GetValueOrDefault(c.Name) != c.ChangedDocuments).ToArray();
        foreach (var client in wrong)
        {
            Console.WriteLine($"FAILURE {client.Name} was told that {client.ChangedDocuments} documents are changed; the audit log has {logged.GetValueOrDefault(client.Name)}");
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{writers.Sum(c => c.ChangedDocuments):N0} changes of documents were answered as done to {writers.Length} clients, and are in the audit log for {writers.Length - wrong.Length} of them"));
        return wrong.Length;
    }
}
