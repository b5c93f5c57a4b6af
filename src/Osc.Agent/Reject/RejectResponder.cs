using System.Threading.Channels;
using Osc.Flows;
using Osc.Flows.Pipeline;
using Osc.Switch;

namespace Osc.Agent.Reject;

/// <summary>
/// Answers the senders of rejected connections. No packet waits for it and none passes by it: the switch has dropped what it gets.
/// The switch's meter says how many it gets; of those that come faster than they are answered the latest are left unanswered.
/// </summary>
public sealed class RejectResponder(ISwitch openSwitch)
{
    private const int MostWaiting = 256;

    /// <summary>As the layout of flows has it: an answer goes where a local workload's frame would go.</summary>
    private static readonly Resubmit Forward = new(PipelineTable.Forward.Id);

    private readonly Channel<PacketIn> packets = Channel.CreateBounded<PacketIn>(new BoundedChannelOptions(MostWaiting) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    /// <summary>Answers until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        openSwitch.PacketReceived += Take;
        try
        {
            await foreach (var packet in packets.Reader.ReadAllAsync(cancellation))
            {
                if (RejectAnswer.To(packet.Frame.Span) is { } answer)
                {
                    SetField network = new(Registers.Network, packet.Fields.GetValueOrDefault(Registers.Network));
                    SetField fromLocal = new(Registers.Flags, Registers.FromLocal);
                    await openSwitch.SendAsync(packet.Bridge, new([network, fromLocal, Forward], answer), cancellation);
                }
            }
        }
        finally
        {
            openSwitch.PacketReceived -= Take;
        }
    }

    private void Take(PacketIn packet)
    {
        if (packet.Table == PipelineTable.Reject.Id && FlowCookie.IsOurs(packet.Cookie))
        {
            packets.Writer.TryWrite(packet);
        }
    }
}
