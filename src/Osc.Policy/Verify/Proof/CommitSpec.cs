using Osc.Flows;
using Osc.Flows.Pipeline;
using Osc.Model.Documents;

namespace Osc.Policy.Verify.Proof;

/// <summary>How connections shall be entered, by what was decided of them.</summary>
/// <param name="OutKeeps">Whether the rule of the out side keeps.</param>
/// <param name="HasOut">Whether there is such a side.</param>
/// <param name="IsKept">Whether the connection was kept before, so that its rules stay.</param>
internal sealed record CommitSpec(bool OutKeeps, bool HasOut, bool InKeeps, bool HasIn, bool IsKept)
{
    private const int Flags = 10;
    private const uint PolicyBits = ConnectionMark.EpochMask | ConnectionMark.StepMask;
    private static readonly int[] Deciding = [DecisionSpec.LabelRegister(Direction.Out), DecisionSpec.LabelRegister(Direction.In), 3, 5];

    public static readonly IReadOnlyList<CommitSpec> All =
    [
        .. from setting in Enumerable.Range(0, 16)
           let spec = new CommitSpec((setting & 1) != 0, (setting & 2) != 0, (setting & 4) != 0, (setting & 8) != 0, false)
           where (spec.HasOut || !spec.OutKeeps) && (spec.HasIn || !spec.InKeeps)
           select spec,
        new(false, true, false, true, true),
    ];

    /// <summary>Whether it is about connections that are kept: what shall become of those shows only after policy changes.</summary>
    public bool IsOfKeeping => IsKept || OutKeeps || InKeeps;

    private bool Keeps => (OutKeeps || InKeeps) && OutKeeps == HasOut && InKeeps == HasIn;

    /// <summary>The registers after such a decision.</summary>
    public uint[] Over(IEnumerable<uint> registers)
    {
        uint[] decided = [.. registers];
        uint[] values = [OutKeeps ? Registers.KeepingRule : 0, InKeeps ? Registers.KeepingRule : 0, HasOut ? 1u : 0, HasIn ? 1u : 0];
        foreach (var (register, value) in Deciding.Zip(values))
        {
            decided[register] = value;
        }

        decided[Flags] |= IsKept ? Registers.Kept : 0;
        return decided;
    }

    /// <summary>Registers after the commit, with what stood for any decision taken out.</summary>
    public IEnumerable<uint> Under(IReadOnlyList<uint> after, IReadOnlyList<uint> before)
    {
        var over = Over(before);
        return after.Select((value, register) => value == over[register] ? before[register] : value);
    }

    /// <summary>Whether a commit writes the mark, the deciding rules and the ends, and nothing else.</summary>
    /// <param name="mark">Of connections that are not kept.</param>
    public bool IsMetBy(Conntrack commit, uint mark, bool isIPv4)
    {
        var label = new Dictionary<int, (Field Field, int Bit)>();
        (uint Value, uint Mask)? written = null;
        foreach (var action in commit.Exec)
        {
            switch (action)
            {
                case SetField set when set.Field == Field.CtMark && written is null:
                    written = ((uint)set.Value, (uint)set.Mask);
                    break;
                case Move move when move.Destination.Field == Field.CtLabel:
                    for (var bit = 0; bit < move.Source.Bits; bit++)
                    {
                        label[move.Destination.Offset + bit] = (move.Source.Field, move.Source.Offset + bit);
                    }

                    break;
                default:
                    return false;
            }
        }

        var expected = new Dictionary<int, (Field Field, int Bit)>();
        foreach (var (part, field) in Parts(isIPv4))
        {
            for (var bit = 0; bit < part.Bits; bit++)
            {
                expected[part.Offset + bit] = (field, bit);
            }
        }

        return written == (IsKept ? (mark, PolicyBits) : (Keeps ? mark | ConnectionMark.Keep : mark, uint.MaxValue))
            && label.Count == expected.Count && expected.All(e => label.GetValueOrDefault(e.Key) == e.Value);
    }

    private IEnumerable<(Subfield Part, Field Field)> Parts(bool isIPv4)
    {
        if (!IsKept)
        {
            yield return (new(Field.CtLabel, 0, 24), Field.Registers[Deciding[0]]);
            yield return (new(Field.CtLabel, 24, 24), Field.Registers[Deciding[1]]);
        }

        yield return (new(Field.CtLabel, 48, 16), Field.Registers[Deciding[2]]);
        yield return (new(Field.CtLabel, 64, 16), Field.Registers[Deciding[3]]);
        yield return (new(Field.CtLabel, 80, 8), isIPv4 ? Field.CtNwSrc : Field.CtIpv6Src);
        yield return (new(Field.CtLabel, 88, 8), isIPv4 ? Field.CtNwDst : Field.CtIpv6Dst);
    }
}
