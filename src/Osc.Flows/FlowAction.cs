using Osc.Model;

namespace Osc.Flows;

/// <summary>Some bits of a field.</summary>
public readonly record struct Subfield(Field Field, int Offset, int Bits)
{
    public static Subfield Whole(Field field) => new(field, 0, field.Bits);

    public override string ToString() => FlowText.Print(this);
}

/// <summary>
/// An action of a flow. Only what the pipeline needs is here: a flow language is easier to trust when it is small.
/// Sources: ovs-actions(7).
/// </summary>
public abstract record FlowAction
{
    public sealed override string ToString() => FlowText.Print(this);
}

/// <summary>Send the packet out of a port. As everywhere in OpenFlow, not back out of the port that it came in at.</summary>
public sealed record Output(PortName Port) : FlowAction;

/// <summary>Write bits of a field. The value has no bit outside the mask.</summary>
public sealed record SetField(Field Field, UInt128 Value, UInt128 Mask) : FlowAction
{
    public SetField(Field field, UInt128 value)
        : this(field, value, field.FullMask)
    {
    }
}

/// <summary>Copy bits from one field to another; both have the same width.</summary>
public sealed record Move(Subfield Source, Subfield Destination) : FlowAction;

/// <summary>Run another table as a subroutine, then go on with the next action.</summary>
public sealed record Resubmit(byte Table) : FlowAction;

/// <summary>Leave for a later table; the last action of its flow.</summary>
public sealed record GotoTable(byte Table) : FlowAction;

/// <summary>Send the packet through connection tracking.</summary>
/// <param name="Zone">Where the zone is read from: 16 bits.</param>
/// <param name="Table">Where the tracked packet goes on; null: a commit without recirculation, after which the actions go on.</param>
/// <param name="Commit">Whether the connection is entered, with what <paramref name="Exec"/> writes to ct_mark and ct_label.</param>
public sealed record Conntrack(bool Commit, Subfield Zone, byte? Table, ValueList<FlowAction> Exec) : FlowAction;

/// <summary>This flow is clause <paramref name="Clause"/> (from 1) of the <paramref name="Clauses"/> of a conjunction.</summary>
public sealed record Conjunction(uint Id, byte Clause, byte Clauses) : FlowAction;

/// <summary>Push an 802.1Q tag (0x8100); its id is then written with <see cref="SetField"/> on vlan_vid.</summary>
public sealed record PushVlan : FlowAction;

public sealed record PopVlan : FlowAction;
