using Osc.Model;

namespace Osc.Flows;

/// <summary>One field of a match. The value has no bit outside the mask.</summary>
public readonly record struct FieldMatch(Field Field, UInt128 Value, UInt128 Mask)
{
    public bool IsExact => Mask == Field.FullMask;

    public bool Matches(UInt128 value) => (value & Mask) == Value;
}

/// <summary>
/// What a flow matches: an input port by name, and fields in the order of <see cref="Field.Index"/>, each at most once.
/// Ports are names here and become numbers only in the agent, which is the one to know them.
/// Wide registers (xreg, xxreg) never appear: <see cref="With(Field, UInt128, UInt128)"/> splits them into their 32-bit
/// registers, as the switch itself does, so that equal matches are equal values.
/// </summary>
public sealed class Match : IEquatable<Match>
{
    public static readonly Match Any = new(null, []);

    private readonly FieldMatch[] fields;
    private readonly int hash;

    private Match(PortName? inPort, FieldMatch[] fields)
    {
        InPort = inPort;
        this.fields = fields;
        var code = new HashCode();
        code.Add(inPort);
        foreach (var field in fields)
        {
            code.Add(field.Field.Index);
            code.Add(field.Value);
            code.Add(field.Mask);
        }

        hash = code.ToHashCode();
    }

    public PortName? InPort { get; }

    public ReadOnlySpan<FieldMatch> Fields => fields;

    public static Match OnPort(PortName port) => new(port, []);

    public Match With(Field field, UInt128 value) => With(field, value, field.FullMask);

    /// <summary>This match and one field more.</summary>
    /// <exception cref="ArgumentException">
    /// The field is there already, the mask is wider than it (for ct_state: has bits without a name), or the value has bits outside the mask.
    /// </exception>
    public Match With(Field field, UInt128 value, UInt128 mask)
    {
        if (ReferenceEquals(field, Field.InPort))
        {
            throw new ArgumentException("an input port is matched by name");
        }

        var known = field.Format == FieldFormat.CtState ? FlowText.CtStateMask : field.FullMask;
        if ((mask & ~known) != 0 || (value & ~mask) != 0)
        {
            throw new ArgumentException($"{field}={value:x}/{mask:x} has bits outside the field or its mask");
        }

        if (field.FirstRegister is { } first)
        {
            return WithRegisters(first, field.Bits / 32, value, mask);
        }

        if (mask == 0)
        {
            return this;
        }

        var at = 0;
        while (at < fields.Length && fields[at].Field.Index < field.Index)
        {
            at++;
        }

        if (at < fields.Length && ReferenceEquals(fields[at].Field, field))
        {
            throw new ArgumentException($"{field} is matched twice");
        }

        var more = new FieldMatch[fields.Length + 1];
        fields.AsSpan(0, at).CopyTo(more);
        more[at] = new(field, value, mask);
        fields.AsSpan(at).CopyTo(more.AsSpan(at + 1));
        return new(InPort, more);
    }

    /// <summary>The match's entry for a field, or null where it is not matched.</summary>
    public FieldMatch? Find(Field field)
    {
        foreach (var entry in fields)
        {
            if (ReferenceEquals(entry.Field, field))
            {
                return entry;
            }
        }

        return null;
    }

    public bool Equals(Match? other) => other is not null && hash == other.hash && InPort == other.InPort && fields.AsSpan().SequenceEqual(other.fields);

    public override bool Equals(object? obj) => Equals(obj as Match);

    public override int GetHashCode() => hash;

    public override string ToString() => FlowText.Print(this);

    private Match WithRegisters(int first, int count, UInt128 value, UInt128 mask)
    {
        var result = this;
        for (var i = 0; i < count; i++)
        {
            var shift = 32 * (count - 1 - i);
            result = result.With(Field.Registers[first + i], (uint)(value >> shift), (uint)(mask >> shift));
        }

        return result;
    }
}
