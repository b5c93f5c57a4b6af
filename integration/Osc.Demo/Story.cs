using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Osc.Lab;
using Osc.Lab.Probes;
using Osc.Policy.Documents;

namespace Osc.Demo;

/// <summary>What the demo shows of one policy set: build, apply, try, change, try again, audit.</summary>
internal sealed class Story(PolicySet set, TextWriter output)
{
    private readonly Stopwatch clock = Stopwatch.StartNew();

    /// <param name="linger">Called at the end, while everything is still up.</param>
    /// <returns>Whether all packets did what the documents mean.</returns>
    public async Task<bool> TellAsync(Func<PolicyLab, Orchestrator, Task> linger, CancellationToken cancellation)
    {
        Say($"== {set.Name}");
        await using var lab = await PolicyLab.BuildAsync("demo", set.State);
        Say($"{lab.Hosts.Count} hosts with Open vSwitch {await lab.Hosts.Values.First().VersionAsync()}, {lab.Stations.Count} workload interfaces, joined by a trunk");
        await using var orchestrator = await Orchestrator.StartAsync("osc-standalone", lab.Space, Agents(lab), cancellation);
        Say($"osc-standalone is ready at {orchestrator.Server}");

        await ApplyAsync(orchestrator, set.DirectoryPath, $"the policies of {set.Name}", cancellation);
        await using var matrix = Matrix.Open(lab, set.State, hasAgents: true);
        var before = await TryAsync(matrix, set.State, cancellation);

        Say($"Now {set.Change}.");
        var file = Path.Combine(lab.Space.DirectoryPath, "change.yaml");
        await File.WriteAllTextAsync(file, DocumentPrinter.ToYaml(set.Change.Apply(set.State.Documents)), cancellation);
        var revision = await ApplyAsync(orchestrator, file, set.Change.ToString(), cancellation);
        var after = await matrix.TryAsync(set.Changed());
        cancellation.ThrowIfCancellationRequested();
        ShowChange(before, after);

        Say("osc audit says of this revision:");
        output.WriteLine(await orchestrator.OscAsync(["audit", "--revision", revision.ToString(CultureInfo.InvariantCulture), "--order", "asc"], cancellation));
        await linger(lab, orchestrator);
        return before.Concat(after).All(t => t.Agrees);
    }

    /// <summary>The configuration of an agent for each host, in the controller's own process.</summary>
    private static JsonObject Agents(PolicyLab lab) => new()
    {
        ["agents"] = JsonSerializer.SerializeToNode(lab.Hosts.Select(h => new
        {
            host = h.Key.Value,
            ovs = new { database = h.Value.DatabaseSocket, runDirectory = h.Value.RunDirectory },
            state = Path.Combine(lab.Space.DirectoryPath, "agents", h.Key.Value),
        })),
    };

    private async Task<long> ApplyAsync(Orchestrator orchestrator, string path, string reason, CancellationToken cancellation)
    {
        var started = Stopwatch.StartNew();
        var revision = await orchestrator.ApplyAsync(path, reason, cancellation);
        await orchestrator.WaitForRolloutAsync(revision, cancellation);
        Say(string.Create(CultureInfo.InvariantCulture, $"osc apply -f {Path.GetFileName(path)}: revision {revision} is on all hosts after {started.ElapsedMilliseconds} ms"));
        return revision;
    }

    private async Task<IReadOnlyList<Trial>> TryAsync(Matrix matrix, Policy.State state, CancellationToken cancellation)
    {
        var trials = await matrix.TryAsync(state);
        cancellation.ThrowIfCancellationRequested();
        output.WriteLine();
        output.Write(MatrixTable.Print(trials));
        output.WriteLine(MatrixTable.Legend);
        Conclude(trials);
        return trials;
    }

    private void ShowChange(IReadOnlyList<Trial> before, IReadOnlyList<Trial> after)
    {
        var changed = before.Zip(after).Where(t => t.First.Expected.Verdict != t.Second.Expected.Verdict || t.First.Observed != t.Second.Observed)
            .Select(t => (t.First.From, t.First.To)).ToHashSet();
        if (changed.Count > 0)
        {
            output.WriteLine("\nbefore:");
            output.Write(MatrixTable.Print([.. before.Where(t => changed.Contains((t.From, t.To)))]));
            output.WriteLine("after:");
            output.Write(MatrixTable.Print([.. after.Where(t => changed.Contains((t.From, t.To)))]));
        }

        Conclude(after);
    }

    private void Conclude(IReadOnlyList<Trial> trials)
    {
        Say(MatrixTable.Sum(trials));
        foreach (var trial in trials.Where(t => !t.Agrees))
        {
            output.WriteLine($"  DISAGREES  {trial}");
        }

        output.WriteLine();
    }

    private void Say(string text) => output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{clock.Elapsed.TotalSeconds,5:0.0} s  {text}"));
}
