using System.Collections.Immutable;

namespace Osc.Switch.Control;

/// <summary>What the switch's datapaths counted, or why nobody can tell.</summary>
/// <param name="Counters">One for each datapath; empty where there is a problem.</param>
/// <param name="Problem">null, or why the switch daemon did not say.</param>
public sealed record DatapathReading(ImmutableArray<DatapathCounters> Counters, string? Problem)
{
    /// <summary>Asks the ovs-vswitchd of a run directory.</summary>
    /// <param name="patience">How long it may take to answer; it answers nobody while it commits a large bundle.</param>
    internal static async Task<DatapathReading> OfAsync(string runDirectory, TimeSpan patience, TimeProvider clock, CancellationToken cancellation)
    {
        using var deadline = new CancellationTokenSource(patience, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellation);
        try
        {
            using var control = ControlConnection.OpenDaemon(runDirectory);
            var answer = await control.RunAsync("dpctl/show", [], either.Token);
            return answer.Output is { } output ? new(DatapathCounters.Parse(output), null) : new([], $"dpctl/show: {answer.Error}");
        }
        catch (ConnectionLostException e)
        {
            return new([], e.Message);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return new([], $"ovs-vswitchd has not answered for {patience.TotalSeconds:0} s");
        }
    }
}
