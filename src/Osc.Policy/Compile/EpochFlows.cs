using Osc.Flows;
using Osc.Flows.Pipeline;
using Osc.Model;
using static Osc.Policy.Compile.Terms;

namespace Osc.Policy.Compile;

/// <summary>
/// The flows that carry the epoch: what is established under it goes on, what a change may concern is looked at again, what
/// enters does so under the present step.
/// </summary>
internal static class EpochFlows
{
    private const uint New = 0x01;
    private const uint Invalid = 0x10;
    private const uint Tracked = 0x20;

    /// <summary>What delivery asks of an open connection: its chains, its owners and the packet's direction.</summary>
    private static readonly FlowAction[] Remember =
    [
        new Move(Registers.LabelOutChain, Registers.OutChain), new Move(Registers.LabelInChain, Registers.InChain),
        Restore(Registers.LabelSourceOwner, Registers.SourceOwner), Restore(Registers.LabelDestinationOwner, Registers.DestinationOwner),
        RememberReply,
    ];

    public static IReadOnlyList<Flow> Of(ConnectionEpoch epoch) => Of(epoch, epoch.Revisits);

    /// <summary>The flows that give way to others from an epoch to the next, and those others.</summary>
    public static (IEnumerable<Flow> Removed, IEnumerable<Flow> Added) Between(ConnectionEpoch before, ConnectionEpoch after)
    {
        // Another epoch is in all of them; a further step leaves most as they are.
        var (then, now) = before.Number == after.Number
            ? (Of(before, before.Revisits.Except(after.Revisits)), Of(after, after.Revisits.Except(before.Revisits)))
            : (Of(before), Of(after));
        return (then.Except(now), now.Except(then));
    }

    private static IReadOnlyList<Flow> Of(ConnectionEpoch epoch, IEnumerable<Revisit> revisits)
    {
        var flows = new FlowBuilder();
        // What is not new and has the mark is established, or an error about what is.
        flows.Add(
            PipelineTable.Connection,
            90,
            Match.Any.With(Field.CtState, Tracked, Tracked | Invalid | New).With(Field.CtMark, ConnectionMark.Of(epoch.Number), ConnectionMark.EpochMask),
            PipelineCookie,
            [.. Remember, To(PipelineTable.DeliveryGuard)]);

        foreach (var revisit in revisits)
        {
            AddRevisit(epoch, revisit, flows);
        }

        AddCommit(Ip4, Field.CtNwSrc, Field.CtNwDst, epoch, flows);
        AddCommit(Ip6, Field.CtIpv6Src, Field.CtIpv6Dst, epoch, flows);
        return flows.Flows;
    }

    private static Move Restore(Subfield label, Field register) => new(label, new(register, 0, label.Bits));

    /// <summary>Connections whose step is less than the revisit's: as many masked matches as its number has bits set.</summary>
    private static void AddRevisit(ConnectionEpoch epoch, Revisit revisit, FlowBuilder flows)
    {
        var (label, below) = revisit;
        for (var bit = 0; below >> bit != 0; bit++)
        {
            if ((below & (1 << bit)) != 0)
            {
                var first = ((below >> bit) - 1) << bit;
                var mask = ConnectionMark.EpochMask | ((uint)(byte)(0xff << bit) << 8);
                var match = Match.Any.With(Field.CtMark, ConnectionMark.Of(epoch.Number, first), mask).With(Field.CtLabel, label.Value, label.Mask);
                flows.Add(PipelineTable.Connection, 92, match, PipelineCookie, To(PipelineTable.Classify));
            }
        }
    }

    private static void AddCommit(Match family, Field source, Field destination, ConnectionEpoch epoch, FlowBuilder flows)
    {
        FlowAction[] exec =
        [
            Set(Field.CtMark, epoch.Mark),
            Copy(Registers.OutRule, Registers.LabelOut), Copy(Registers.InRule, Registers.LabelIn),
            Copy(Registers.SourceOwner, Registers.LabelSourceOwner), Copy(Registers.DestinationOwner, Registers.LabelDestinationOwner),
            Copy(source, Registers.LabelSource), Copy(destination, Registers.LabelDestination),
        ];
        flows.Add(PipelineTable.Commit, 10, family, PipelineCookie, RememberReply, new Conntrack(true, Registers.ZoneBits, null, exec.ToValueList()), To(PipelineTable.DeliveryGuard));
    }
}
