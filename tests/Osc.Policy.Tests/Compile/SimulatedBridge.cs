using Osc.Flows.Simulation;
using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy.Compile;
using Xunit;
using static Osc.Policy.Tests.Given;

namespace Osc.Policy.Tests.Compile;

/// <summary>One host's compiled flows in simulated switches, with frames sent into single ports.</summary>
internal sealed class SimulatedBridge
{
    private readonly ConnectionTable connections = new();
    private CompiledHost compiled;
    private PacketSimulator simulator;
    private readonly PortName bridge;

    private SimulatedBridge(CompiledHost compiled, PortName bridge)
    {
        this.bridge = bridge;
        this.compiled = compiled;
        simulator = SimulatorOf(compiled, bridge);
    }

    public CompiledHost Compiled => compiled;

    public static SimulatedBridge Of(World world, string host = "h1", string bridge = "br-int") =>
        new(HostCompiler.Compile(world.State, Name.Parse(host), HostNumbering.Empty), Port(bridge));

    /// <summary>A bridge of one host with these documents besides it.</summary>
    public static SimulatedBridge Of(params Document[] documents) => Of(World.OfOnly([Host("h1"), .. documents]));

    /// <summary>Goes on to another state; open connections stay.</summary>
    public void Update(World world)
    {
        compiled = HostCompiler.Update(world.State, compiled.Flows.Host, compiled);
        simulator = SimulatorOf(compiled, bridge);
    }

    public SimulationResult Run(string port, Packet packet)
    {
        var result = simulator.Run(packet, Port(port), connections);
        Assert.Null(result.Ambiguity);
        return result;
    }

    /// <summary>The ports that a frame leaves by, in order, with blanks between; empty if it is dropped.</summary>
    public string Send(string port, Packet packet) => string.Join(' ', Run(port, packet).Outputs.Select(o => o.Port.ToString()).Order(StringComparer.Ordinal));

    private static PacketSimulator SimulatorOf(CompiledHost compiled, PortName bridge) =>
        new(compiled.Flows.Find(bridge)?.Flows ?? throw new ArgumentException($"{compiled.Flows.Host} has no bridge {bridge}"));
}

/// <summary>Ends of packets.</summary>
internal static class At
{
    public static readonly MacAddress Broadcast = MacAddress.Parse("ff:ff:ff:ff:ff:ff");

    /// <summary>Somebody beyond the uplinks.</summary>
    public static readonly MacAddress Stranger = MacAddress.Parse("02:ee:00:00:00:01");

    /// <summary>The interface with the MAC of a number and an address.</summary>
    public static Endpoint Nic(int number, string address) => new(MacOf(number), IpAddress.Parse(address));

    public static Endpoint Outside(string address) => new(Stranger, IpAddress.Parse(address));

    public static Endpoint All(string address) => new(Broadcast, IpAddress.Parse(address));

    /// <summary>An IP multicast address and the Ethernet address that it is sent to (RFC 1112, 6.4; RFC 2464, 7).</summary>
    public static Endpoint Many(string address)
    {
        var ip = IpAddress.Parse(address);
        return new(MacAddress.FromBits(ip.IsIPv4 ? 0x0100_5e00_0000UL | (ip.IPv4Bits & 0x7f_ffff) : 0x3333_0000_0000UL | (uint)ip.Bits), ip);
    }
}
