using Osc.Flows;
using Osc.Flows.Pipeline;
using Osc.Model;

namespace Osc.Policy.Verify.Proof;

/// <summary>
/// Of an ICMP error from a local port the spoof guard is asked whether the packet that it reports was sent to that port: with the
/// connection's destination, which received it, in the source's place. What the guard lets through of each port is proven where packets
/// arrive, for every source; it looks at what a packet says and at nothing else, so it answers the same here. What is left to prove
/// is that it is asked for the right address, and that the error goes on as it came.
/// </summary>
internal static class ReceiverProof
{
    private static readonly Form IPv4 = new(Field.Ipv4Src, Field.CtNwDst, Field.Registers[15]);
    private static readonly Form IPv6 = new(Field.Ipv6Src, Field.CtIpv6Dst, Field.WidestRegisters[3]);

    /// <summary>The register that says that the guard was asked.</summary>
    public static readonly int AskedRegister = RegisterNumber.Of(Registers.Flags)!.Value; // it is a register

    /// <summary>Whether a flow of the spoof guard looks at something that is not the same when it is asked.</summary>
    public static bool Depends(Flow flow)
    {
        if (flow.Table != PipelineTable.SpoofGuard.Id)
        {
            return false;
        }

        foreach (var field in flow.Match.Fields)
        {
            if (!PipelineTable.SpoofGuard.Matches.Contains(field.Field))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether errors that come to a flow are asked for the receiver of the packet that each reports.</summary>
    public static bool Asks(CubeLeaf errors) => Forms(errors.Cube).All(form => errors.Last!.Actions.Equals(form.Asking)); // it is pending in a flow

    /// <summary>Whether errors that the guard let through get their source back, and go on to a table.</summary>
    public static bool Restores(Flow flow, PacketCube errors, byte table) => Forms(errors).All(form => flow.Actions.Equals(form.Restoring(table)));

    private static IEnumerable<Form> Forms(PacketCube cube)
    {
        foreach (var (type, form) in new[] { (0x0800u, IPv4), (0x86ddu, IPv6) })
        {
            if (cube.Narrow(Constraint.Is(Field.EthType, type)) is not null)
            {
                yield return form;
            }
        }
    }

    /// <param name="Saved">Where the error's own source is meanwhile; 0 before and after.</param>
    private sealed record Form(Field Source, Field Receiver, Field Saved)
    {
        public ValueList<FlowAction> Asking =>
        [
            new SetField(Registers.Flags, Registers.ReceiverAsked, Registers.ReceiverAsked), Whole(Source, Saved), Whole(Receiver, Source), new Resubmit(PipelineTable.SpoofGuard.Id),
        ];

        public ValueList<FlowAction> Restoring(byte table) => [Whole(Saved, Source), new SetField(Saved, 0), new GotoTable(table)];

        private static Move Whole(Field source, Field destination) => new(Subfield.Whole(source), Subfield.Whole(destination));
    }
}
