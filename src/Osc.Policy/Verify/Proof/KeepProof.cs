using Osc.Flows;
using Osc.Flows.Pipeline;

namespace Osc.Policy.Verify.Proof;

/// <summary>
/// Flows by which open connections go on that a rule keeps. They match no connection that a rule has not let in before, so what
/// is decided of all others is the same without them.
/// </summary>
internal static class KeepProof
{
    private static readonly Flow[] Expected =
    [
        Keeping(PipelineTable.Out[1], Registers.LabelOutRule, Registers.OutRule, PipelineTable.In[0]),
        Keeping(PipelineTable.In[1], Registers.LabelInRule, Registers.InRule, PipelineTable.Commit),
    ];

    /// <summary>Whether all that a flow does is to let a side go on that a rule keeps.</summary>
    public static bool OnlyKeeps(Flow flow) => Expected.Any(e => e.Key == flow.Key && e.Actions.Equals(flow.Actions));

    /// <summary>What is wrong with what is kept; null: nothing.</summary>
    /// <param name="flows">Of the deciding tables.</param>
    public static string? Unfit(IEnumerable<Flow> flows)
    {
        var missing = Expected.ToDictionary(e => e.Key);
        foreach (var flow in flows)
        {
            if (OnlyKeeps(flow))
            {
                missing.Remove(flow.Key);
            }
            else if (flow.Table is >= PipelineTable.OutTiers and < 30 && flow.Match.Find(Field.CtLabel) is not null)
            {
                return $"a flow that decides asks for the label: {flow}";
            }
        }

        return missing.Values.Select(f => $"nothing lets go on what a rule keeps: {f}").FirstOrDefault();
    }

    private static Flow Keeping(PipelineTable table, Subfield label, Field rule, PipelineTable allowed)
    {
        var keeps = (UInt128)(1u << 23) << label.Offset;
        return new(table.Id, ushort.MaxValue, Match.Any.With(Field.CtLabel, keeps, keeps), [new Move(label, new(rule, 0, label.Bits)), new GotoTable(allowed.Id)], 0);
    }
}
