using Osc.Flows;
using Osc.Model;

namespace Osc.Switch;

/// <summary>A packet that a flow sent to the agent, as it was when the flow sent it.</summary>
/// <param name="Table">The flow's table.</param>
/// <param name="Cookie">The flow's cookie.</param>
/// <param name="Fields">Registers and other fields of the pipeline that are not 0, wide registers as the narrow ones under them.</param>
/// <param name="Frame">From the destination MAC on; of a packet that a rule logs only the beginning.</param>
public sealed record PacketIn(PortName Bridge, byte Table, ulong Cookie, IReadOnlyDictionary<Field, UInt128> Fields, ReadOnlyMemory<byte> Frame)
{
    /// <summary>The bytes of the whole packet, of which <see cref="Frame"/> may be only the first.</summary>
    public int Length { get; init; } = Frame.Length;
}

/// <summary>A packet for a switch to act on, as if it came from its agent.</summary>
/// <param name="Actions">Of those that need no port's number.</param>
public sealed record PacketOut(ValueList<FlowAction> Actions, ReadOnlyMemory<byte> Frame);
