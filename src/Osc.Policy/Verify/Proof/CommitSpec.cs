using Osc.Flows;
using Osc.Flows.Pipeline;
using Osc.Model.Documents;

namespace Osc.Policy.Verify.Proof;

/// <summary>How connections shall be entered.</summary>
internal static class CommitSpec
{
    /// <summary>Whether a commit writes the mark, and the deciding rules and the ends of the connection side by side, and nothing else.</summary>
    public static bool IsMetBy(Conntrack commit, uint mark, bool isIPv4)
    {
        var label = new Dictionary<int, (Field Field, int Bit)>();
        uint? written = null;
        foreach (var action in commit.Exec)
        {
            switch (action)
            {
                case SetField set when set.Field == Field.CtMark && set.Mask == Field.CtMark.FullMask:
                    written = (uint)set.Value;
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
        foreach (var (offset, bits, field) in Parts(isIPv4))
        {
            for (var bit = 0; bit < bits; bit++)
            {
                expected[offset + bit] = (field, bit);
            }
        }

        return written == mark && label.Count == expected.Count && expected.All(e => label.GetValueOrDefault(e.Key) == e.Value);
    }

    private static IEnumerable<(int Offset, int Bits, Field Field)> Parts(bool isIPv4) =>
    [
        (0, 32, Field.Registers[DecisionSpec.LabelRegister(Direction.Out)]),
        (32, 32, Field.Registers[DecisionSpec.LabelRegister(Direction.In)]),
        (64, 16, Registers.SourceOwner),
        (80, 16, Registers.DestinationOwner),
        (96, 8, isIPv4 ? Field.CtNwSrc : Field.CtIpv6Src),
        (104, 8, isIPv4 ? Field.CtNwDst : Field.CtIpv6Dst),
    ];
}
