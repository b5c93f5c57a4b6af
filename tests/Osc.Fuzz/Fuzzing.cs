using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using Osc.Fuzz.Engine;

namespace Osc.Fuzz;

/// <summary>
/// The program: campaigns against all targets in turn, a slice of time each, until the time is over. What is kept goes to out/fuzz/kept, where the
/// next run takes it up; findings go to the corpus in the repository, where the tests replay them until they are mended.
/// </summary>
internal static class Fuzzing
{
    private const int Good = 0, HasFindings = 1, BadUsage = 2;

    private static readonly TimeSpan Slice = TimeSpan.FromSeconds(10);

    /// <summary>An input that takes longer has to be one that never ends.</summary>
    private static readonly TimeSpan LongestRun = TimeSpan.FromMinutes(2);

    private static string Folder => Path.Combine(Targets.Repository.Root, "out", "fuzz");

    private static string Running => Path.Combine(Folder, "running");

    /// <summary>Runs the instrumented copy, again after each input that ended it.</summary>
    public static int Supervise(string[] arguments)
    {
        if (!Settings.TryRead(arguments, out var settings, out var error))
        {
            Console.Error.WriteLine(error);
            return BadUsage;
        }

        Console.WriteLine($"fuzzing {settings.Targets.Count} targets for {settings.Time.TotalMinutes} minutes, seed {settings.Seed}");
        var program = Instrumentation.Copy(Path.Combine(Folder, "instrumented"));
        var started = Stopwatch.GetTimestamp();
        var result = Good;
        for (var seed = settings.Seed; settings.Time - Stopwatch.GetElapsedTime(started) is { TotalSeconds: > 1 } left; seed++)
        {
            var code = Instrumentation.Run(program, ["--campaign", .. (settings with { Time = left, Seed = seed }).ToArguments()]);
            result = Math.Max(result, code == Good ? Good : HasFindings);
            if (code is Good or HasFindings)
            {
                return result;
            }

            TakeLastInput(code);
        }

        return result;
    }

    /// <summary>The campaigns themselves, in the instrumented copy.</summary>
    public static int Campaign(string[] arguments)
    {
        CoverageMap.Attach();
        if (!Settings.TryRead(arguments, out var settings, out var error))
        {
            Console.Error.WriteLine(error);
            return BadUsage;
        }

        Directory.CreateDirectory(Folder);
        using var running = new RunningInput(Running, LongestRun);
        var random = new Random(settings.Seed);
        var started = Stopwatch.GetTimestamp();
        var campaigns = settings.Targets.Select(target => new Lazy<Campaign>(() => Begin(target, running, new(random.Next())))).ToArray();
        for (var turn = 0; settings.Time - Stopwatch.GetElapsedTime(started) is { Ticks: > 0 } left; turn++)
        {
            campaigns[turn % campaigns.Length].Value.Go(left < Slice ? left : Slice);
        }

        running.Clear();
        var begun = campaigns.Where(c => c.IsValueCreated).Select(c => c.Value).ToArray();
        Report(begun);
        return begun.Any(c => c.Findings.Count > 0) ? HasFindings : Good;
    }

    private static Campaign Begin(FuzzTarget target, RunningInput running, Random random)
    {
        running.Clear();
        var kept = Path.Combine(Folder, "kept", target.Name);
        Directory.CreateDirectory(kept);
        byte[][] known = [.. Targets.Repository.CorpusOf(target.Name), .. Directory.EnumerateFiles(kept).Order(StringComparer.Ordinal).Select(File.ReadAllBytes)];
        return new(target, known, random, running.Note, input => File.WriteAllBytes(Path.Combine(kept, Convert.ToHexStringLower(SHA256.HashData(input))[..16]), input), Save);
    }

    private static void Save(Finding finding)
    {
        var folder = Path.Combine(Targets.Repository.Corpus, finding.Target);
        Directory.CreateDirectory(folder);
        File.WriteAllBytes(Path.Combine(folder, finding.FileName), finding.Input);
        Console.WriteLine($"{finding.Target}: {finding.Signature}\n  {Path.Combine(folder, finding.FileName)}\n  {finding.Detail}");
    }

    private static void TakeLastInput(int code)
    {
        if (RunningInput.Read(Running) is { } last)
        {
            Save(new(last.Target, $"the process ended with code {code}", "", last.Input));
        }
    }

    private static void Report(IEnumerable<Campaign> campaigns)
    {
        Console.WriteLine($"{"target",-26}{"minutes",9}{"executions",13}{"per second",12}{"kept",7}{"findings",10}");
        foreach (var c in campaigns)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{c.Target.Name,-26}{c.Spent.TotalMinutes,9:0.0}{c.Executions,13}{c.Executions / Math.Max(0.001, c.Spent.TotalSeconds),12:0}{c.Kept,7}{c.Findings.Count,10}"));
        }
    }
}
