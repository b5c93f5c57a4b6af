using Osc.Flows;
using Osc.Flows.Pipeline;
using Osc.Switch.OpenFlow;

namespace Osc.Switch.Reconcile;

/// <summary>
/// The meters of the rules that log, on one connection. They are there before the flows that ask them: a flow whose meter is missing is
/// taken by the switch all the same, and would hand on every packet. One that no flow asks any longer costs nothing until the
/// next full comparison removes it.
/// </summary>
internal sealed class LogMeters(OpenFlowConnection connection, uint packetsPerSecond)
{
    /// <summary>Those that have their rate from us.</summary>
    private readonly HashSet<uint> set = [];

    /// <summary>Makes the meters that flows ask and that are not there.</summary>
    /// <exception cref="ConnectionLostException">The connection broke.</exception>
    public async Task AddAsync(IEnumerable<Flow> flows, CancellationToken cancellation)
    {
        using var messages = new MessageBuffer();
        foreach (var meter in MetersOf(flows).Where(set.Add))
        {
            PacketMessages.WriteMeter(messages, meter, packetsPerSecond);
        }

        await connection.SendAsync(messages.Memory, cancellation);
    }

    /// <summary>The same for all flows of the bridge, by what the switch says that it has: who flushes a bridge takes its meters too.</summary>
    /// <returns>Those that are there and that no flow asks.</returns>
    /// <exception cref="ConnectionLostException">The connection broke.</exception>
    public async Task<IReadOnlyList<uint>> ReviewAsync(Flow[] flows, CancellationToken cancellation)
    {
        var present = (await MeterDump.RunAsync(connection, cancellation)).Where(PacketLog.IsMeter).ToHashSet();
        set.IntersectWith(present);
        await AddAsync(flows, cancellation);
        present.ExceptWith(MetersOf(flows));
        return [.. present];
    }

    /// <summary>Removes meters whose flows are gone.</summary>
    /// <exception cref="ConnectionLostException">The connection broke.</exception>
    public async Task RemoveAsync(IReadOnlyList<uint> unused, CancellationToken cancellation)
    {
        set.ExceptWith(unused);
        using var messages = new MessageBuffer();
        foreach (var meter in unused)
        {
            PacketMessages.WriteMeterRemoval(messages, meter);
        }

        await connection.SendAsync(messages.Memory, cancellation);
    }

    private static IEnumerable<uint> MetersOf(IEnumerable<Flow> flows)
    {
        foreach (var flow in flows)
        {
            // Only these log; the look at the cookie spares most flows the look at their actions.
            if (FlowCookie.Of(flow.Cookie).Purpose == FlowPurpose.LoggedRule && flow.Actions.OfType<LogPacket>().FirstOrDefault() is { } log)
            {
                yield return log.Meter;
            }
        }
    }
}
