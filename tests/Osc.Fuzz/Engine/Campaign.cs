using System.Diagnostics;

namespace Osc.Fuzz.Engine;

/// <summary>The fuzzing of one target: an input that does something new is kept, and mutated in turn.</summary>
public sealed class Campaign
{
    /// <summary>Where edges are not counted, outcomes tell what is new; some of them are told in ever new words.</summary>
    private const int MaxShapes = 500;

    private readonly Random random;
    private readonly Mutator mutator;
    private readonly List<byte[]> kept = [];
    private readonly HashSet<string> shapes = [];
    private readonly Dictionary<string, Finding> findings = [];
    private readonly byte[] seen = new byte[CoverageMap.Size];

    private readonly Action<string, byte[]>? before;
    private readonly Action<byte[]>? keep;
    private readonly Action<Finding>? found;

    /// <param name="known">Inputs besides the target's seeds: what earlier campaigns kept or found.</param>
    /// <param name="before">Called before each run, so that an input which ends the process is not lost.</param>
    /// <param name="keep">Called for each input that did something new.</param>
    /// <param name="found">Called for each new finding, minimised.</param>
    public Campaign(FuzzTarget target, IEnumerable<byte[]> known, Random random, Action<string, byte[]>? before = null, Action<byte[]>? keep = null, Action<Finding>? found = null)
    {
        (Target, this.random, this.before, this.keep, this.found) = (target, random, before, keep, found);
        byte[][] start = [.. target.Seeds(), .. known];
        mutator = new(random, new(start));
        foreach (var input in start)
        {
            Run(input, isGiven: true);
        }

        if (kept.Count == 0)
        {
            kept.Add([]);
        }
    }

    public FuzzTarget Target { get; }

    public long Executions { get; private set; }

    public TimeSpan Spent { get; private set; }

    /// <summary>How many inputs did something new.</summary>
    public int Kept => kept.Count;

    /// <summary>How many different things came of the inputs; they are counted up to some hundreds.</summary>
    public int Outcomes => shapes.Count;

    /// <summary>One for each signature, the smallest known.</summary>
    public IReadOnlyCollection<Finding> Findings => findings.Values;

    public void Go(TimeSpan time)
    {
        var started = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(started) < time)
        {
            Step();
        }

        Spent += Stopwatch.GetElapsedTime(started);
    }

    /// <summary>Runs one new input.</summary>
    public void Step()
    {
        // What was kept last is the most promising half of the time.
        var recent = Math.Min(kept.Count, 16);
        var parent = kept[random.Next(2) == 0 ? random.Next(kept.Count) : kept.Count - 1 - random.Next(recent)];
        var child = mutator.Mutate(parent, kept, Target.MaxBytes);
        Run(Target.Mend is { } mend && random.Next(4) != 0 ? mend(child) : child);
    }

    private void Run(byte[] input, bool isGiven = false)
    {
        before?.Invoke(Target.Name, input);
        CoverageMap.Begin();
        var execution = Execution.Of(Target, input);
        Executions++;
        var isNewOutcome = shapes.Count < MaxShapes && shapes.Add(execution.Shape);
        var isNew = CoverageMap.IsAttached ? CoverageMap.AddTo(seen) : isNewOutcome;
        if (execution.Finding is { } finding)
        {
            if (!findings.ContainsKey(finding.Signature))
            {
                findings[finding.Signature] = Minimizer.Minimize(Target, finding);
                found?.Invoke(findings[finding.Signature]);
            }
        }
        else if (isNew || isGiven)
        {
            kept.Add(input);
            if (!isGiven)
            {
                keep?.Invoke(input);
            }
        }
    }
}
