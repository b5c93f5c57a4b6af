using Osc.Flows;
using Osc.Flows.Pipeline;

namespace Osc.Policy.Verify.Proof;

/// <summary>
/// Flows that only count: they ask for a flag that is not set, set it, and have the packet come to the same table again. Nothing
/// else asks for the flag, so what is decided is the same without them.
/// </summary>
internal static class ObserveProof
{
    /// <summary>Whether a flow of a deciding table decides nothing.</summary>
    public static bool OnlyCounts(Flow flow)
    {
        if (flow.Table is < PipelineTable.OutTiers or >= 30 || flow.Match.Find(Registers.Flags) is not { } asked)
        {
            return false;
        }

        var flag = Registers.Observed(flow.Table);
        return (asked.Mask & flag) != 0 && (asked.Value & flag) == 0 && (IsClause(flow) || Counts(flow, flag));
    }

    /// <summary>What keeps flows that count from being left out of account; null: nothing.</summary>
    public static string? Unfit(IEnumerable<Flow> flows)
    {
        var (counting, deciding) = (new Dictionary<(byte Table, uint Id), Flow>(), new HashSet<(byte Table, uint Id)>());
        foreach (var flow in flows)
        {
            var counts = OnlyCounts(flow);
            if (!counts && (AsksForFlag(flow) || SetsFlag(flow)))
            {
                return $"a flow that decides has to do with the flag of those that count: {flow}";
            }

            foreach (var clause in flow.Actions.OfType<Conjunction>())
            {
                if (counts)
                {
                    counting[(flow.Table, clause.Id)] = flow;
                }
                else
                {
                    deciding.Add((flow.Table, clause.Id));
                }
            }
        }

        return counting.Where(c => deciding.Contains(c.Key)).Select(c => $"a clause that counts is one of a rule that decides: {c.Value}").FirstOrDefault();
    }

    private static bool IsClause(Flow flow) => flow.Actions.Count > 0 && flow.Actions.All(a => a is Conjunction);

    private static bool Counts(Flow flow, uint flag)
    {
        var actions = flow.Actions.Where(a => a is not LogPacket).ToArray();
        return actions is [SetField set, Resubmit again]
            && set.Field == Registers.Flags && set.Mask == flag && set.Value == flag
            && again.Table == flow.Table;
    }

    private static bool AsksForFlag(Flow flow) =>
        flow.Table is >= PipelineTable.OutTiers and < 30 && flow.Match.Find(Registers.Flags) is { } asked && (asked.Mask & Registers.Observed(flow.Table)) != 0;

    private static bool SetsFlag(Flow flow) =>
        flow.Table is >= PipelineTable.OutTiers and < 30 && flow.Actions.OfType<SetField>().Any(s => s.Field == Registers.Flags);
}
