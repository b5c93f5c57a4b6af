using Osc.Flows.Simulation;
using Osc.Model;

namespace Osc.Flows.Tests.Simulation;

/// <summary>A simulated switch with its connections, made of flow lines without cookies.</summary>
internal sealed class Switch(params string[] lines)
{
    private readonly PacketSimulator simulator = new(Flows(lines));

    public ConnectionTable Connections { get; } = new();

    public static FlowSet Flows(params string[] lines) => FlowSet.Of(lines.Select(l => FlowTextParser.Parse("cookie=0x1," + l)));

    /// <summary>10.0.0.N.</summary>
    public static Endpoint Host(byte number) => new(MacAddress.FromBits(0x020000000000UL | number), IpAddress.FromIPv4(0x0a000000U | number));

    /// <summary>fd00::N.</summary>
    public static Endpoint Host6(byte number) => new(MacAddress.FromBits(0x020000000000UL | number), IpAddress.FromBits(((UInt128)0xfd << 120) | number));

    public SimulationResult Send(Packet packet, string port = "p1") => simulator.Run(packet, PortName.Parse(port), Connections);

    /// <summary>The ports that the packet left at.</summary>
    public string PortsOf(Packet packet, string port = "p1") => string.Join(" ", Send(packet, port).Outputs.Select(o => o.Port));
}
