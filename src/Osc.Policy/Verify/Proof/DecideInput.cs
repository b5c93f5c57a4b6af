using Osc.Flows;
using Osc.Model;

namespace Osc.Policy.Verify.Proof;

/// <summary>Where a bit of a register comes from.</summary>
internal enum BitOrigin : byte
{
    Zero,
    One,

    /// <summary>A bit of a field of the packet or its connection.</summary>
    Packet,

    /// <summary>A bit that a lookup wrote.</summary>
    Lookup,
}

/// <summary>One bit of a register.</summary>
/// <param name="Index">Of a field, its <see cref="Field.Index"/>; of a lookup, twice its number, and one more for reg1.</param>
internal readonly record struct BitSource(BitOrigin Origin, short Index, byte Bit);

/// <summary>Where packets carry the number of their connection's service.</summary>
internal enum ServiceForm
{
    None,

    /// <summary>The original destination port.</summary>
    Port,

    /// <summary>The original ICMP type above the code.</summary>
    Icmp,

    /// <summary>SCTP's own destination port.</summary>
    SctpRequest,

    /// <summary>SCTP's own source port: of a reply.</summary>
    SctpReply,
}

/// <summary>The end of a connection that a lookup asks for.</summary>
internal enum LookupEnd
{
    Unknown,
    Source,
    Destination,
}

/// <summary>
/// What the deciding tables are given, as it follows from the actions before them: every bit of every register traced to where
/// it comes from. Nothing is assumed of which register carries what.
/// </summary>
internal sealed class DecideInput
{
    private const int RegisterBits = 32;
    private const int AddressRegister = 12;

    private readonly BitSource[] bits = new BitSource[16 * RegisterBits];
    private readonly List<LookupEnd> lookups = [];
    private readonly bool isIPv4;

    private DecideInput(uint[] registers, bool isIPv4)
    {
        this.isIPv4 = isIPv4;
        for (var i = 0; i < bits.Length; i++)
        {
            bits[i] = Constant((registers[i / RegisterBits] >> (i % RegisterBits)) & 1);
        }
    }

    /// <summary>Where the deciding begins; null: the actions do something that has no meaning here.</summary>
    public byte? Table { get; private set; }

    /// <summary>The table that addresses are looked up in.</summary>
    public byte? LookupTable { get; private set; }

    /// <summary>Both ends of the connection are looked up, each once, the source first.</summary>
    public bool KnowsBothEnds => lookups is [LookupEnd.Source, LookupEnd.Destination];

    public static DecideInput Of(CubeLeaf leaf)
    {
        var isIPv4 = leaf.Cube.IsExactly(Field.EthType, 0x0800);
        var input = new DecideInput(leaf.Registers, isIPv4);
        var actions = leaf.Last?.Actions ?? ValueList<FlowAction>.Empty;
        for (var i = leaf.NextAction; i < actions.Count; i++)
        {
            if (!input.Execute(actions[i], i + 1 == actions.Count))
            {
                return input;
            }
        }

        return input;
    }

    public BitSource this[int register, int bit] => bits[(register * RegisterBits) + bit];

    /// <summary>Whether another gives the deciding tables the same.</summary>
    public bool IsAs(DecideInput other) =>
        isIPv4 == other.isIPv4 && Table == other.Table && LookupTable == other.LookupTable && lookups.SequenceEqual(other.lookups) && bits.AsSpan().SequenceEqual(other.bits);

    /// <summary>Which end a lookup's result says something of.</summary>
    public LookupEnd EndOf(BitSource bit) => bit.Origin == BitOrigin.Lookup ? lookups[bit.Index / 2] : LookupEnd.Unknown;

    /// <summary>The bit of a service, as <see cref="Sets.ServiceSet"/> lays it out, that a bit of the packet is; null: none.</summary>
    /// <param name="form">What kind of service the packets have.</param>
    public static int? ServiceBit(BitSource bit, ServiceForm form)
    {
        const int Protocol = 16;
        var field = Field.All[bit.Index];
        return bit.Origin != BitOrigin.Packet ? null
            : field == Field.CtNwProto ? Protocol + bit.Bit
            : field == Field.CtTpDst ? form == ServiceForm.Port || (form == ServiceForm.Icmp && bit.Bit < 8) ? bit.Bit : null
            : field == Field.CtTpSrc ? form == ServiceForm.Icmp && bit.Bit < 8 ? 8 + bit.Bit : null
            : field == Field.SctpDst ? form == ServiceForm.SctpRequest ? bit.Bit : null
            : field == Field.SctpSrc && form == ServiceForm.SctpReply ? bit.Bit : null;
    }

    private static BitSource Constant(UInt128 bit) => new(bit == 0 ? BitOrigin.Zero : BitOrigin.One, 0, 0);

    private bool Execute(FlowAction action, bool isLast)
    {
        switch (action)
        {
            case SetField set when FirstBit(set.Field) is { } first:
                for (var bit = 0; bit < set.Field.Bits; bit++)
                {
                    if (((set.Mask >> bit) & 1) != 0)
                    {
                        bits[Place(set.Field, first, bit)] = Constant((set.Value >> bit) & 1);
                    }
                }

                return true;
            case Move move when FirstBit(move.Destination.Field) is { } first:
                var moved = Enumerable.Range(0, move.Source.Bits).Select(bit => Read(move.Source.Field, move.Source.Offset + bit)).ToArray();
                for (var bit = 0; bit < moved.Length; bit++)
                {
                    bits[Place(move.Destination.Field, first, move.Destination.Offset + bit)] = moved[bit];
                }

                return true;
            case Resubmit resubmit when LookupTable is null || LookupTable == resubmit.Table:
                LookupTable = resubmit.Table;
                lookups.Add(AskedEnd());
                for (var bit = 0; bit < 2 * RegisterBits; bit++)
                {
                    bits[bit] = new(BitOrigin.Lookup, (short)((2 * (lookups.Count - 1)) + (bit / RegisterBits)), (byte)(bit % RegisterBits));
                }

                return true;
            case GotoTable next when isLast:
                Table = next.Table;
                return true;
            default:
                return false;
        }
    }

    private LookupEnd AskedEnd()
    {
        foreach (var (end, four, six) in new[] { (LookupEnd.Source, Field.CtNwSrc, Field.CtIpv6Src), (LookupEnd.Destination, Field.CtNwDst, Field.CtIpv6Dst) })
        {
            var asks = isIPv4
                ? Carries(AddressRegister + 3, 0, four, 32) && IsConstant(AddressRegister + 2, 0xffff) && IsConstant(AddressRegister + 1, 0) && IsConstant(AddressRegister, 0)
                : Enumerable.Range(0, 128).All(bit => this[AddressRegister + 3 - (bit / RegisterBits), bit % RegisterBits] == new BitSource(BitOrigin.Packet, (short)six.Index, (byte)bit));
            if (asks)
            {
                return end;
            }
        }

        return LookupEnd.Unknown;
    }

    private bool Carries(int register, int offset, Field field, int count) =>
        Enumerable.Range(0, count).All(bit => this[register, offset + bit] == new BitSource(BitOrigin.Packet, (short)field.Index, (byte)bit));

    private bool IsConstant(int register, uint value) => Enumerable.Range(0, RegisterBits).All(bit => this[register, bit] == Constant((value >> bit) & 1));

    private BitSource Read(Field field, int bit) => FirstBit(field) is { } first ? bits[Place(field, first, bit)] : new(BitOrigin.Packet, (short)field.Index, (byte)bit);

    /// <summary>The number of a register field's first register; null for other fields.</summary>
    private static int? FirstBit(Field field) => field.FirstRegister ?? RegisterNumber.Of(field);

    /// <summary>A wide register has its uppermost bits in its first register.</summary>
    private static int Place(Field field, int first, int bit)
    {
        var count = int.Max(1, field.Bits / RegisterBits);
        return ((first + count - 1 - (bit / RegisterBits)) * RegisterBits) + (bit % RegisterBits);
    }
}
