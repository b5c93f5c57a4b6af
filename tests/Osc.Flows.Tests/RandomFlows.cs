using CsCheck;
using Osc.Model;

namespace Osc.Flows.Tests;

/// <summary>Random flows over the whole language.</summary>
internal static class RandomFlows
{
    private static readonly Field[] Matchable = [.. Field.All.Where(f => f.Format != FieldFormat.Port && f.FirstRegister is null)];

    private static readonly Field[] Movable = [.. Field.All.Where(f => f.NxmName.Length > 0)];

    public static readonly Gen<PortName> Ports =
        Gen.OneOf(Gen.OneOf("vif3.0", "trunk0", "tap-1", "a:b@c/d+e#f_g"), Gen.String[Gen.Char["abcXYZ019._:@/+#-"], 1, 255]).Select(PortName.Parse);

    public static readonly Gen<Match> Matches =
        Gen.Select(Ports.Nullable(), Gen.Int[0, Matchable.Length - 1].ArrayUnique[0, 6], Gen.ULong, Gen.ULong, MatchOf);

    private static readonly Gen<Subfield> Subfields =
        from field in Gen.OneOf(Movable)
        from offset in Gen.Int[0, field.Bits - 1]
        from bits in Gen.Int[1, field.Bits - offset]
        select new Subfield(field, offset, bits);

    private static readonly Gen<FlowAction> SetFields =
        Gen.Select(Gen.OneOf([.. Matchable.Where(f => f.Format != FieldFormat.CtState), .. Field.WideRegisters, .. Field.WidestRegisters]), Gen.ULong, Gen.ULong, (field, value, mask) =>
        {
            var bits = MaskOf(field, mask);
            return (FlowAction)new SetField(field, Wide(value) & bits, bits);
        });

    private static readonly Gen<FlowAction> Moves =
        from source in Subfields
        from to in Gen.OneOf([.. Movable.Where(f => f.Bits >= source.Bits)])
        select (FlowAction)new Move(source, new(to, to.Bits - source.Bits, source.Bits));

    private static readonly Gen<Subfield> Zones =
        Gen.Select(Gen.Int[0, 15], Gen.Bool).Select((register, high) => new Subfield(Field.Registers[register], high ? 16 : 0, 16));

    private static readonly Gen<FlowAction> Conntracks =
        Gen.Select(Gen.Bool, Zones, Gen.Byte.Select(b => b < 128 ? (byte?)null : b), Gen.OneOf(SetFields, Moves).Array[0, 3],
            (commit, zone, table, exec) => (FlowAction)new Conntrack(commit, zone, table, exec.ToValueList()));

    private static readonly Gen<FlowAction> Conjunctions =
        from id in Gen.UInt
        from of in Gen.Byte[2, 64]
        from clause in Gen.Byte[1, of]
        select (FlowAction)new Conjunction(id, clause, of);

    private static readonly Gen<FlowAction> Actions = Gen.OneOf(
        SetFields,
        Moves,
        Conntracks,
        Conjunctions,
        Ports.Select(p => (FlowAction)new Output(p)),
        Gen.Select(Ports, Zones, (port, to) => (FlowAction)new BundleLoad(port, to)),
        Gen.Byte.Select(t => (FlowAction)new Resubmit(t)),
        Gen.Byte.Select(t => (FlowAction)new GotoTable(t)),
        Gen.UInt[1, 0xffff0000].Select(m => (FlowAction)new Meter(m)),
        Gen.UInt[1, 0xffff0000].Select(m => (FlowAction)new LogPacket(m)),
        Gen.OneOf<FlowAction>(new PushVlan(), new PopVlan(), new ForgetInPort(), new ToController()));

    public static readonly Gen<Flow> Flows =
        Gen.Select(Gen.Byte, Gen.UShort, Matches, Actions.Array[0, 6], Gen.ULong, (table, priority, match, actions, cookie) => new Flow(table, priority, match, actions.ToValueList(), cookie));

    /// <summary>Sets of few distinct keys, so that two sets share some.</summary>
    public static readonly Gen<FlowSet> Sets =
        Gen.Select(Gen.Byte[0, 2], Gen.UShort[0, 3], Actions.Array[0, 2])
            .Select((table, priority, actions) => new Flow(table, priority, Match.Any, actions.ToValueList(), 7))
            .Array[0, 12]
            .Select(flows => FlowSet.Of(flows.DistinctBy(f => f.Key)));

    private static Match MatchOf(PortName? port, int[] fields, ulong value, ulong mask)
    {
        var match = port is { } name ? Match.OnPort(name) : Match.Any;
        foreach (var field in fields.Select(i => Matchable[i]))
        {
            var bits = MaskOf(field, mask);
            match = match.With(field, Wide(value) & bits, bits);
        }

        return match;
    }

    private static UInt128 Wide(ulong bits) => ((UInt128)bits << 64) | (bits ^ 0x5555_5555_5555_5555);

    /// <summary>One of: the whole field, its upper bits, any bits of it; never none.</summary>
    private static UInt128 MaskOf(Field field, ulong seed)
    {
        var known = field.Format == FieldFormat.CtState ? 0xff : field.FullMask;
        var mask = (seed % 3) switch
        {
            0 => known,
            1 => known & ~(known >> (int)(seed % (ulong)field.Bits)),
            _ => Wide(seed) & known,
        };
        return mask == 0 ? known : mask;
    }
}
