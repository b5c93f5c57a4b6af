using Osc.Flows;
using Osc.Policy.Verify.Sets;

namespace Osc.Policy.Verify.Proof;

/// <summary>A set of packets, field by field: those whose every field is in that field's set. Immutable.</summary>
internal sealed class PacketCube
{
    /// <summary>As many values as this are looked at one by one.</summary>
    private const int Few = 16;

    private const uint VlanPresent = 0x1000;

    /// <summary>Every packet; fields of connection tracking are whatever they are.</summary>
    public static readonly PacketCube All = new PacketCube(new Interval<UInt128>[]?[Field.All.Count])
        .Narrow(Constraint.In(Field.VlanVid, new(0, 0), new(VlanPresent, VlanPresent | 0xfff)))!; // not empty

    /// <summary>Every packet before connection tracking.</summary>
    public static readonly PacketCube Untracked = All.Narrow(Constraint.Is(Field.CtState, 0))!.Narrow(Constraint.Is(Field.CtMark, 0))!; // neither was known

    /// <summary>By <see cref="Field.Index"/>; null is any value.</summary>
    private readonly Interval<UInt128>[]?[] fields;

    private PacketCube(Interval<UInt128>[]?[] fields) => this.fields = fields;

    /// <summary>The values that a field may have.</summary>
    public ReadOnlySpan<Interval<UInt128>> this[Field field] => fields[field.Index] ?? new Interval<UInt128>[] { new(0, field.FullMask) };

    public UInt128 SampleOf(Field field) => this[field][0].First;

    public bool IsExactly(Field field, UInt128 value) => fields[field.Index] is [var only] && only.First == value && only.Last == value;

    /// <summary>The packets that a constraint holds for; null if there are none.</summary>
    public PacketCube? Narrow(Constraint constraint) => With(constraint, keep: true);

    /// <summary>The packets that a constraint does not hold for; null if there are none.</summary>
    public PacketCube? Exclude(Constraint constraint) => With(constraint, keep: false);

    /// <summary>The same packets with one field given other values.</summary>
    public PacketCube Replace(Constraint constraint)
    {
        var copy = (Interval<UInt128>[]?[])fields.Clone();
        copy[constraint.Field.Index] = constraint.Values;
        return new(copy);
    }

    private PacketCube? With(Constraint constraint, bool keep)
    {
        var known = fields[constraint.Field.Index];
        var values = known is not null && AreFew(known)
            ? Filter(known, constraint, keep)
            : keep
                ? known is null ? constraint.Values : Intervals.Intersect<UInt128>(known, constraint.Values)
                : Intervals.Subtract<UInt128>(known ?? [new(0, constraint.Field.FullMask)], constraint.Values);
        if (values.Length == 0)
        {
            return null;
        }

        if (known is not null && values.AsSpan().SequenceEqual(known))
        {
            return this;
        }

        var copy = (Interval<UInt128>[]?[])fields.Clone();
        copy[constraint.Field.Index] = values;
        return new(copy);
    }

    private static bool AreFew(Interval<UInt128>[] values)
    {
        var count = UInt128.Zero;
        foreach (var interval in values)
        {
            if (interval.Last - interval.First >= Few || (count += interval.Last - interval.First + 1) > Few)
            {
                return false;
            }
        }

        return true;
    }

    private static Interval<UInt128>[] Filter(Interval<UInt128>[] values, Constraint constraint, bool keep)
    {
        var kept = new List<Interval<UInt128>>();
        foreach (var interval in values)
        {
            for (var value = interval.First; value <= interval.Last; value++)
            {
                if (constraint.Has(value) == keep)
                {
                    kept.Add(new(value, value));
                }
            }
        }

        return Intervals.Normalize(kept);
    }
}

/// <summary>A list of what holds for which packets, first match wins.</summary>
internal sealed class CubeList<T>(IReadOnlyList<(Constraint[] Constraints, T Result)> entries)
{
    /// <summary>Cuts packets into those that an entry is first to match; what none matches comes with no result.</summary>
    public List<(PacketCube Cube, int Entry)> Split(PacketCube packets, Func<int, bool>? counts = null)
    {
        var result = new List<(PacketCube, int)>();
        Split(packets, 0, counts, result);
        return result;
    }

    public int Count => entries.Count;

    public T this[int entry] => entries[entry].Result;

    public PacketCube? Inside(int entry, PacketCube packets) => Inside(entries[entry].Constraints, packets);

    private void Split(PacketCube packets, int from, Func<int, bool>? counts, List<(PacketCube, int)> result)
    {
        for (var i = from; i < entries.Count; i++)
        {
            if (counts?.Invoke(i) == false || Inside(entries[i].Constraints, packets) is not { } inside)
            {
                continue;
            }

            result.Add((inside, i));
            var rest = packets;
            foreach (var constraint in entries[i].Constraints)
            {
                if (rest.Exclude(constraint) is { } outside)
                {
                    Split(outside, i + 1, counts, result);
                }

                rest = rest.Narrow(constraint)!; // there is an inside
            }

            return;
        }

        result.Add((packets, -1));
    }

    private static PacketCube? Inside(Constraint[] constraints, PacketCube packets)
    {
        var inside = packets;
        foreach (var constraint in constraints)
        {
            if (inside.Narrow(constraint) is not { } narrower)
            {
                return null;
            }

            inside = narrower;
        }

        return inside;
    }
}
