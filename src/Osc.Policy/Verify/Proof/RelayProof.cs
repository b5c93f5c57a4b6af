using Osc.Flows;
using Osc.Flows.Pipeline;
using Osc.Flows.Simulation;
using Osc.Model;

namespace Osc.Policy.Verify.Proof;

/// <summary>
/// The ways of other bridges' frames through appliances of this one, tried out one by one: from every tunnel to every appliance, in at either
/// port, with both ports up and with each one down.
/// </summary>
/// <param name="used">Flows that a way led by are added.</param>
internal sealed class RelayProof(BridgeSpec bridge, PacketSimulator simulator, HashSet<Flow> used)
{
    /// <summary>The other bridge's tag, of which this one knows nothing.</summary>
    private const ushort Tag = 0x123;

    private static readonly Packet Anything = Packet.Tcp(new(default, IpAddress.FromIPv4(1)), new(default, IpAddress.FromIPv4(2)), 80) with { Vlan = Tag };

    /// <summary>What is wrong with them; null: nothing.</summary>
    public string? Run() =>
        (from tunnel in bridge.Bridge.Tunnels
         from ends in bridge.Lent()
         from isSwapped in new[] { false, true }
         from mayPassBy in new[] { false, true }
         let appliance = isSwapped ? (ends.Item2, ends.Item1) : ends
         from down in new HashSet<PortName>[] { [], [ends.Item1], [ends.Item2], [ends.Item1, ends.Item2] }
         let fault = Fault(tunnel.Port, appliance, mayPassBy, down)
         where fault is not null
         select $"from {tunnel.Port} to {appliance.Item1}{(down.Count > 0 ? $", without {string.Join(' ', down)}" : "")}: {fault}").FirstOrDefault();

    private string? Fault(PortName tunnel, (PortName Near, PortName Far) appliance, bool mayPassBy, HashSet<PortName> down)
    {
        var key = RelayKey.Of(appliance.Near, appliance.Far);
        var result = Send(Anything with { TunnelId = mayPassBy ? key | RelayKey.MayPassBy : key }, tunnel, down);
        if (down.Count > 0 && !mayPassBy)
        {
            return result.Outputs.Count == 0 ? null : $"passes by to {Sent(result)}";
        }

        if (down.Count == 0)
        {
            if (result.Ambiguity is not null || result.Outputs is not [var output] || output.Port != appliance.Near || output.Packet.InnerVlan != Tag)
            {
                return $"goes to {Sent(result)}";
            }

            result = Send(output.Packet, appliance.Far, down);
        }

        return result.Ambiguity is null && result.Outputs is [var back] && back.Port == tunnel && back.Packet == Anything with { TunnelId = key | RelayKey.Back } ? null : $"comes back by {Sent(result)}";
    }

    private SimulationResult Send(Packet packet, PortName port, HashSet<PortName> down)
    {
        var result = simulator.Run(packet, port, new(), down);
        used.UnionWith(result.Trace.Select(s => s.Flow).OfType<Flow>());
        return result;
    }

    private static string Sent(SimulationResult result) => result.Outputs.Count == 0 ? "nowhere" : string.Join(", ", result.Outputs.Select(o => $"{o.Port} {o.Packet.Vlan} 0x{o.Packet.TunnelId:x}"));
}
