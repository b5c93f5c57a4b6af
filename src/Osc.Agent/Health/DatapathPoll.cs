using Osc.Switch;
using Osc.Switch.Control;

namespace Osc.Agent.Health;

/// <summary>Reads the datapaths' counters at once and then from time to time: nothing announces that they have changed.</summary>
internal static class DatapathPoll
{
    public static async Task RunAsync(ISwitch openSwitch, TimeSpan every, TimeProvider time, Action<DatapathReading> take, CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(every, time);
        do
        {
            take(await openSwitch.ReadDatapathsAsync(cancellation));
        }
        while (await timer.WaitForNextTickAsync(cancellation));
    }
}
