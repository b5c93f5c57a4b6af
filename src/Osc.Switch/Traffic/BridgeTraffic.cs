using Osc.Model;
using Osc.Switch.OpenFlow;

namespace Osc.Switch.Traffic;

/// <summary>One bridge's connection for counts and logged packets: made when first needed and anew after a loss.</summary>
internal sealed class BridgeTraffic(PortName bridge, Func<PortName, CancellationToken, Task<OpenFlowConnection>> open) : IAsyncDisposable
{
    private readonly SemaphoreSlim turn = new(1);
    private OpenFlowConnection? connection;

    /// <summary>Adds the counts of flows to a list.</summary>
    /// <exception cref="ConnectionLostException">The bridge is out of reach.</exception>
    public async Task CountAsync(ulong cookie, ulong mask, FlowChoice choice, List<FlowCount> counts, CancellationToken cancellation)
    {
        await turn.WaitAsync(cancellation);
        try
        {
            await FlowDump.RunAsync(await ConnectAsync(cancellation), cookie, mask, Visit, cancellation);
        }
        catch (OperationCanceledException)
        {
            // An exchange was left in its middle.
            await ForgetAsync();
            throw;
        }
        finally
        {
            turn.Release();
        }

        void Visit(in FlowEntry entry)
        {
            if (choice(entry))
            {
                counts.Add(FlowCount.Of(bridge, entry.Table, entry.Priority, entry.Match, entry.Cookie, entry.Statistics));
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await turn.WaitAsync();
        await ForgetAsync();
        turn.Dispose();
    }

    private async Task<OpenFlowConnection> ConnectAsync(CancellationToken cancellation)
    {
        if (connection is { IsLost: true })
        {
            await ForgetAsync();
        }

        if (connection is null)
        {
            connection = await open(bridge, cancellation);
            using var message = new MessageBuffer();
            PacketMessages.WriteLogSetUp(message);
            await connection.SendAsync(message.Memory, cancellation);
        }

        return connection;
    }

    private async ValueTask ForgetAsync()
    {
        if (connection is not null)
        {
            await connection.DisposeAsync();
            connection = null;
        }
    }
}
