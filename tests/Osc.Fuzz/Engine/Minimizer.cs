using System.Diagnostics;

namespace Osc.Fuzz.Engine;

/// <summary>Makes the input of a finding smaller for as long as it remains the same finding.</summary>
internal static class Minimizer
{
    private const int MaxRuns = 3_000;

    private static readonly TimeSpan MaxTime = TimeSpan.FromSeconds(20);

    public static Finding Minimize(FuzzTarget target, Finding finding)
    {
        var (started, runs) = (Stopwatch.GetTimestamp(), 0);
        for (var size = Math.Max(1, finding.Input.Length / 2); size > 0; size /= 2)
        {
            for (var at = 0; at + size <= finding.Input.Length && runs < MaxRuns && Stopwatch.GetElapsedTime(started) < MaxTime;)
            {
                runs++;
                byte[] smaller = [.. finding.Input.AsSpan(0, at), .. finding.Input.AsSpan(at + size)];
                if (Execution.Of(target, smaller).Finding is { } same && same.Signature == finding.Signature)
                {
                    finding = same;
                }
                else
                {
                    at += size;
                }
            }
        }

        return finding;
    }
}
