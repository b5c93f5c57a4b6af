using System.CommandLine;
using Osc.Cli.CommandLine;
using Osc.Cli.Terminal;
using Osc.Flows;
using Osc.Model;
using Osc.Policy;
using Osc.Policy.Compile;
using Osc.Policy.Verify.Meaning;
using Osc.Policy.Verify.Proof;

namespace Osc.Cli.Offline;

/// <summary>osc verify: do flows decide what the documents say, and do assertions hold, for all packets?</summary>
internal static class VerifyCommand
{
    public static DescribedCommand Create(Shell shell)
    {
        var path = Arguments.Documents("DIR");
        var host = Arguments.Text("--host", "H", "Only this host.");
        var bridge = Arguments.Text("--bridge", "B", "The bridge that --flows are of; needed where the host has several.");
        var flows = Arguments.Text("--flows", "FILE", "Flows as osc compile prints them, read back from a switch or elsewhere; - for standard input. Without it the compiled ones are proven.");
        var output = Arguments.Output();
        var command = new Command("verify", "Proves for all packets at once that flows do what the documents say and that assertions hold, or shows packets of which it is not true.") { path, host, bridge, flows, output };
        command.SetAction(parsed => Run(shell, new(parsed.GetRequiredValue(path), parsed.GetValue(host), parsed.GetValue(bridge), parsed.GetValue(flows)), parsed.GetValue(output)));
        return new(command,
        [
            "osc verify policies/three-tier-shop",
            "osc verify policies/three-tier-shop --host h1 --flows h1.flows",
        ]);
    }

    private static int Run(Shell shell, Request request, OutputFormat format)
    {
        var loaded = LoadedState.Of(request.Path);
        if (loaded.State is not { } state)
        {
            return shell.Refuse(loaded.Errors);
        }

        if (request.Host is not null && (!Name.TryParse(request.Host, out var wanted) || state.Host(wanted) is null))
        {
            return shell.Refuse($"there is no host '{request.Host}'; allowed: {string.Join(", ", state.Hosts.Select(h => h.Metadata.Name))}");
        }

        var meaning = new PolicyMeaning(state);
        var hosts = state.Hosts.Select(h => h.Metadata.Name).Where(h => request.Host is null || h.Value == request.Host).ToArray();
        IReadOnlyList<Proven> proofs;
        if (request.Flows is null)
        {
            proofs = [.. hosts.Select(h => Prove(meaning, HostCompiler.Compile(state, h, HostNumbering.Empty)))];
        }
        else if (hosts is not [var only])
        {
            return shell.Fail(ExitCode.BadUsage, $"--flows are of one host: say --host with one of {string.Join(", ", hosts)}");
        }
        else if (ReadFlows(shell, state, only, request, out var read) is { } problem)
        {
            return shell.Refuse(problem);
        }
        else
        {
            proofs = [new(read, FlowVerifier.Prove(meaning, read))];
        }

        var broken = AssertionProof.Broken(meaning).ToArray();
        var answer = new Answer(
            [.. proofs.Select(p => new HostAnswer(p.Flows.Host.Value, p.Flows.Count, p.Proof.Holds, [.. p.Proof.Faults.Select(f => f.ToString())]))],
            [.. broken.Select(b => new AssertionAnswer(b.Assertion.QualifiedName.ToString(), b.Story))]);
        shell.Print(format, AnswerJson.Of(answer), () => Print(shell, answer));
        return broken.Length == 0 && proofs.All(p => p.Proof.Holds) ? ExitCode.Done : ExitCode.Refused;
    }

    private static Proven Prove(PolicyMeaning meaning, CompiledHost compiled) => new(compiled.Flows, FlowVerifier.Prove(meaning, compiled.Flows, compiled.Numbering));

    /// <summary>Says what is wrong with the flows that were given; null: they were read.</summary>
    private static string? ReadFlows(Shell shell, State state, Name host, Request request, out HostFlows flows)
    {
        flows = new(host, state.Revision, ValueList<BridgeFlows>.Empty);
        var bridges = state.Host(host)?.Bridges.Select(b => b.Name).ToArray() ?? [];
        if (request.Bridge is null ? bridges.Length != 1 : bridges.All(b => b.Value != request.Bridge))
        {
            return $"host {host} has no bridge '{request.Bridge}'; say --bridge with one of {string.Join(", ", bridges)}";
        }

        if (request.Flows != "-" && !File.Exists(request.Flows))
        {
            return $"there is no file '{request.Flows}'";
        }

        using var reader = request.Flows == "-" ? new StreamReader(shell.OpenInput()) : new StreamReader(request.Flows!); // asked for with flows only
        var read = new List<Flow>();
        for (var number = 1; reader.ReadLine() is { } line; number++)
        {
            if (line.Trim() is not { Length: > 0 } text || text.StartsWith('#'))
            {
                continue;
            }

            try
            {
                read.Add(FlowTextParser.Parse(text));
            }
            catch (FormatException e)
            {
                return $"{request.Flows}:{number}: {e.Message}";
            }
        }

        var twice = read.GroupBy(f => f.Key).FirstOrDefault(g => g.Count() > 1);
        if (twice is not null)
        {
            return $"{request.Flows}: two flows with the same table, priority and match: {twice.First()}";
        }

        var place = bridges.First(b => request.Bridge is null || b.Value == request.Bridge);
        flows = flows with { Bridges = [new(place, FlowSet.Of(read))] };
        return null;
    }

    private static void Print(Shell shell, Answer answer)
    {
        var table = new Table("host", "flows", "proven");
        foreach (var host in answer.Hosts)
        {
            table.Row(host.Host, host.Flows, host.Proven ? "yes" : "no");
        }

        table.Print(shell);
        foreach (var fault in answer.Hosts.SelectMany(h => h.Faults.Select(f => $"{h.Host} {f}")))
        {
            shell.Line(fault);
        }

        foreach (var assertion in answer.BrokenAssertions)
        {
            shell.Line($"assertion {assertion.Assertion} does not hold: {assertion.Counterexample}");
        }
    }

    private sealed record Request(string Path, string? Host, string? Bridge, string? Flows);

    private sealed record Proven(HostFlows Flows, FlowProof Proof);

    private sealed record Answer(IReadOnlyList<HostAnswer> Hosts, IReadOnlyList<AssertionAnswer> BrokenAssertions);

    private sealed record HostAnswer(string Host, int Flows, bool Proven, IReadOnlyList<string> Faults);

    private sealed record AssertionAnswer(string Assertion, string Counterexample);
}
