using Osc.Model;

namespace Osc.Flows;

/// <summary>Some bits of a field.</summary>
public readonly record struct Subfield
{
    /// <exception cref="ArgumentException">The bits are none, or not all in the field, or the field has no name for actions.</exception>
    public Subfield(Field field, int offset, int bits)
    {
        if (offset < 0 || bits < 1 || offset + bits > field.Bits)
        {
            throw new ArgumentException($"{bits} bits at {offset} are outside {field}");
        }

        if (field.NxmName.Length == 0)
        {
            throw new ArgumentException($"actions do not name {field} by its bits");
        }

        Field = field;
        Offset = offset;
        Bits = bits;
    }

    public Field Field { get; }

    /// <summary>The lowest bit.</summary>
    public int Offset { get; }

    /// <summary>How many.</summary>
    public int Bits { get; }

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

/// <summary>Forget at which port the packet came in, so that it may go out of that one too. Tables asked after it know no input port.</summary>
public sealed record ForgetInPort : FlowAction;

/// <summary>Write the number of a port to 16 bits of a field if the port is live (it has link, and its BFD session, if it has one, is up), else <see cref="Down"/>.</summary>
public sealed record BundleLoad : FlowAction
{
    /// <summary>OFPP_NONE: what is written where the port is down, or not there.</summary>
    public const ushort Down = 0xffff;

    /// <exception cref="ArgumentException">The destination has not 16 bits.</exception>
    public BundleLoad(PortName port, Subfield destination)
    {
        Port = port;
        Destination = destination.Bits == 16 ? destination : throw new ArgumentException($"a port's number has 16 bits, {destination} has {destination.Bits}");
    }

    public PortName Port { get; }

    public Subfield Destination { get; }
}

/// <summary>Write bits of a field.</summary>
public sealed record SetField : FlowAction
{
    public SetField(Field field, UInt128 value)
        : this(field, value, field.FullMask)
    {
    }

    /// <exception cref="ArgumentException">The field cannot be written, the mask is empty or wider than the field, or the value has bits outside the mask.</exception>
    public SetField(Field field, UInt128 value, UInt128 mask)
    {
        if (!IsWritable(field))
        {
            throw new ArgumentException($"set_field to {field}, which cannot be written");
        }

        if (mask == 0 || (mask & ~field.FullMask) != 0 || (value & ~mask) != 0)
        {
            throw new ArgumentException($"set_field:0x{value:x}/0x{mask:x}->{field} has bits outside the field or its mask");
        }

        Field = field;
        Value = value;
        Mask = mask;
    }

    public Field Field { get; }

    public UInt128 Value { get; }

    public UInt128 Mask { get; }

    /// <summary>Whether set_field may write a field. The input port has an action of its own; ct_state is the switch's to say.</summary>
    public static bool IsWritable(Field field) => field.Format is not (FieldFormat.Port or FieldFormat.CtState);
}

/// <summary>Copy bits from one field to another.</summary>
public sealed record Move : FlowAction
{
    /// <exception cref="ArgumentException">The widths differ.</exception>
    public Move(Subfield source, Subfield destination)
    {
        if (source.Bits != destination.Bits)
        {
            throw new ArgumentException($"move of {source.Bits} bits to {destination.Bits}");
        }

        Source = source;
        Destination = destination;
    }

    public Subfield Source { get; }

    public Subfield Destination { get; }
}

/// <summary>Run another table as a subroutine, then go on with the next action.</summary>
public sealed record Resubmit(byte Table) : FlowAction;

/// <summary>Leave for a later table; the last action of its flow.</summary>
public sealed record GotoTable(byte Table) : FlowAction;

/// <summary>Send the packet through connection tracking.</summary>
/// <param name="Zone">Where the zone is read from: 16 bits.</param>
/// <param name="Table">Where the tracked packet goes on; null: a commit without recirculation, after which the actions go on.</param>
/// <param name="Commit">Whether the connection is entered, with what <paramref name="Exec"/> writes to ct_mark and ct_label.</param>
public sealed record Conntrack(bool Commit, Subfield Zone, byte? Table, ValueList<FlowAction> Exec) : FlowAction;

/// <summary>This flow is one clause (counted from 1) of a conjunction.</summary>
public sealed record Conjunction : FlowAction
{
    public const int MaxClauses = 64;

    /// <exception cref="ArgumentException">Not 2 to 64 clauses, or not one of them.</exception>
    public Conjunction(uint id, byte clause, byte clauses)
    {
        if (clauses is < 2 or > MaxClauses || clause < 1 || clause > clauses)
        {
            throw new ArgumentException($"clause {clause} of {clauses} of a conjunction");
        }

        Id = id;
        Clause = clause;
        Clauses = clauses;
    }

    public uint Id { get; }

    public byte Clause { get; }

    public byte Clauses { get; }
}

/// <summary>Push an 802.1Q tag (0x8100); its id is then written with <see cref="SetField"/> on vlan_vid.</summary>
public sealed record PushVlan : FlowAction;

public sealed record PopVlan : FlowAction;

/// <summary>Drop the packet unless a meter lets it pass; then go on with the next action.</summary>
/// <param name="Id">1 to 0xffff0000; the switch must have the meter before the flow.</param>
public sealed record Meter(uint Id) : FlowAction;

/// <summary>Send the whole packet to the agent.</summary>
public sealed record ToController : FlowAction;

/// <summary>
/// Send the beginning of the packet to whoever logs for the switch (<see cref="Pipeline.PacketLog"/>), if a meter lets that pass. The packet
/// itself goes on with the next action, whatever the meter says.
/// </summary>
/// <param name="Meter">The switch must have it before the flow: without it nothing would hold a flood back.</param>
public sealed record LogPacket(uint Meter) : FlowAction;
