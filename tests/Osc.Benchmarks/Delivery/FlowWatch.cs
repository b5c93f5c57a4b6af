using System.Diagnostics;
using Osc.Lab;
using Osc.Model;

namespace Osc.Benchmarks.Delivery;

/// <summary>When a change of flows was seen on a bridge, in milliseconds from its beginning.</summary>
/// <param name="Events">Flows that were added, modified or deleted.</param>
internal readonly record struct FlowChange(double First, double Last, int Events);

/// <summary>
/// Sees every change of a bridge's flows from outside: <c>ovs-ofctl monitor</c> (ovs-ofctl(8)), which shares nothing with whoever
/// makes the changes.
/// </summary>
internal sealed class FlowWatch : IDisposable
{
    /// <summary>A change is over when nothing was seen for so long.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(300);

    private static readonly TimeSpan Behind = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process process;
    private readonly Lock gate = new();
    private readonly Queue<long> waiting = [];
    private readonly SemaphoreSlim seen = new(0);

    private FlowWatch(Process process)
    {
        this.process = process;
        process.StandardInput.Close();
        // What is there at the beginning comes on one stream, what changes on the other.
        new Thread(() => Read(process.StandardOutput)) { IsBackground = true }.Start();
        new Thread(() => Read(process.StandardError)) { IsBackground = true }.Start();
    }

    /// <summary>Starts watching; returns once the flows that are there were listed.</summary>
    public static async Task<FlowWatch> StartAsync(SwitchInstance instance, PortName bridge)
    {
        var watch = new FlowWatch(instance.StartTool("ovs-ofctl", "-O", "OpenFlow14", "monitor", $"unix:{instance.ManagementSocket(bridge)}", "watch:"));
        await watch.NextAsync(DateTime.UtcNow);
        await watch.DrainAsync();
        return watch;
    }

    /// <summary>Does something and watches until its flows have come to rest.</summary>
    /// <exception cref="LabException">No flow changed.</exception>
    public async Task<FlowChange> MeasureAsync(Func<Task> change)
    {
        await DrainAsync();
        var begin = Stopwatch.GetTimestamp();
        var deadline = DateTime.UtcNow + Patience;
        var changing = change();
        var first = await NextAsync(deadline);
        var (last, events) = (first, 1);
        while (await seen.WaitAsync(Quiet))
        {
            (last, events) = (Take(), events + 1);
        }

        await changing;
        return new(Stopwatch.GetElapsedTime(begin, first).TotalMilliseconds, Stopwatch.GetElapsedTime(begin, last).TotalMilliseconds, events);
    }

    /// <summary>What was seen up to now does not count for <see cref="LastSinceAsync"/>.</summary>
    public void Forget()
    {
        while (seen.Wait(0))
        {
            Take();
        }
    }

    /// <summary>Waits until something of a change was seen.</summary>
    /// <exception cref="LabException">No flow changed.</exception>
    public async Task UntilSeenAsync()
    {
        if (!await seen.WaitAsync(Patience))
        {
            throw new LabException("no flow changed");
        }

        seen.Release();
    }

    /// <summary>The last flow of a change that is known to be over: the monitor may be behind by a moment.</summary>
    /// <param name="begin">When the change began (<see cref="Stopwatch.GetTimestamp"/>).</param>
    /// <returns>Milliseconds from there.</returns>
    public async Task<double> LastSinceAsync(long begin)
    {
        var last = await NextAsync(DateTime.UtcNow + Patience);
        while (await seen.WaitAsync(Behind))
        {
            last = Take();
        }

        return Stopwatch.GetElapsedTime(begin, last).TotalMilliseconds;
    }

    public void Dispose()
    {
        process.Kill();
        process.Dispose();
        seen.Dispose();
    }

    private async Task<long> NextAsync(DateTime deadline)
    {
        var patience = deadline - DateTime.UtcNow;
        return await seen.WaitAsync(patience > Quiet ? patience : Patience) ? Take() : throw new LabException("no flow changed");
    }

    private async Task DrainAsync()
    {
        while (await seen.WaitAsync(Quiet))
        {
            Take();
        }
    }

    private long Take()
    {
        lock (gate)
        {
            return waiting.Dequeue();
        }
    }

    /// <summary>Not by lines: a message's last line ends with the next message.</summary>
    private void Read(StreamReader output)
    {
        const string sign = "event=";
        var buffer = new char[1 << 16];
        var kept = 0;
        for (int read; (read = output.Read(buffer, kept, buffer.Length - kept)) > 0;)
        {
            var now = Stopwatch.GetTimestamp();
            var text = buffer.AsSpan(0, kept + read);
            for (var at = text.IndexOf(sign); at >= 0; at = text.IndexOf(sign))
            {
                text = text[(at + sign.Length)..];
                lock (gate)
                {
                    waiting.Enqueue(now);
                }

                seen.Release();
            }

            kept = Math.Min(text.Length, sign.Length - 1);
            text[^kept..].CopyTo(buffer);
        }
    }
}
