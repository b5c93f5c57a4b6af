using System.Diagnostics;

namespace Osc.Fuzz.Engine;

/// <summary>One run of a target.</summary>
/// <param name="Shape">What the target says came of it; the finding's signature if there is one.</param>
/// <param name="Finding">null: all is well.</param>
public sealed record Execution(string Shape, Finding? Finding)
{
    /// <summary>Of processor time: what a machine that does other things too can hold against an input of a few kilobytes.</summary>
    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(2);

    public static Execution Of(FuzzTarget target, byte[] input)
    {
        var allocated = Allocated(target);
        var started = Stopwatch.GetTimestamp();
        var processor = Environment.CpuUsage.TotalTime;
        try
        {
            var shape = target.Run(input);
            var bytes = Allocated(target) - allocated;
            var finding = bytes > target.AllocationLimit(input.Length) ? new Finding(target.Name, "too much allocated", $"{bytes} bytes allocated for {input.Length}", input)
                : Stopwatch.GetElapsedTime(started) > TimeLimit && Environment.CpuUsage.TotalTime - processor > TimeLimit ? new Finding(target.Name, "too slow", $"{Stopwatch.GetElapsedTime(started)} for {input.Length} bytes", input)
                : null;
            return new(finding?.Signature ?? shape, finding);
        }
        catch (Exception e)
        {
            var finding = Finding.Of(target.Name, e, input);
            return new(finding.Signature, finding);
        }
    }

    private static long Allocated(FuzzTarget target) => target.UsesThreads ? GC.GetTotalAllocatedBytes() : GC.GetAllocatedBytesForCurrentThread();
}
