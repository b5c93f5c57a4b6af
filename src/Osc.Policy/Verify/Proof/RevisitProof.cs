using Osc.Flows;
using Osc.Flows.Pipeline;
using Osc.Policy.Compile;

namespace Osc.Policy.Verify.Proof;

/// <summary>
/// Flows that have open connections decided anew. To decide one anew is never wrong, so these need no proof of their own; but
/// those that a change may concern must not go on unasked.
/// </summary>
internal static class RevisitProof
{
    /// <summary>Above it are invalid packets, SCTP, and ICMP errors of local ports, which do not go on like the others.</summary>
    private const int HighestPriority = 93;

    /// <summary>Whether all that a flow does is to have connections decided anew.</summary>
    public static bool IsRevisit(Flow flow) =>
        flow.Table == PipelineTable.Connection.Id
        && flow.Priority <= HighestPriority
        && flow.Match.InPort is null
        && flow.Match.Find(Field.CtLabel) is not null
        && HasNothingBeside(flow.Match)
        && flow.Actions is [GotoTable { Table: var table }] && table == PipelineTable.Classify.Id;

    private static bool HasNothingBeside(Match match)
    {
        foreach (var field in match.Fields)
        {
            if (field.Field != Field.CtLabel && field.Field != Field.CtMark)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>What goes on unasked and shall not; null: nothing.</summary>
    /// <param name="flows">Those of the table that tells open connections.</param>
    public static string? Unasked(IEnumerable<Flow> flows, ConnectionEpoch epoch)
    {
        var all = flows.ToArray();
        var revisits = all.Where(IsRevisit).ToLookup(f => (f.Match.Find(Field.CtLabel)!.Value.Value, f.Match.Find(Field.CtLabel)!.Value.Mask)); // asked for by IsRevisit
        var highest = all.Where(f => !IsRevisit(f) && f.Match.Find(Field.CtMark) is not null).Select(f => (int)f.Priority).DefaultIfEmpty(-1).Max();
        foreach (var (label, step) in epoch.Revisits)
        {
            var there = revisits[(label.Value, label.Mask)].Where(f => f.Priority > highest).Select(f => f.Match.Find(Field.CtMark)).ToArray();
            for (var before = 0; before < step; before++)
            {
                if (!there.Any(m => m is not { } mark || mark.Matches(ConnectionMark.Of(epoch.Number, before))))
                {
                    return $"open connections of step {before} with ct_label {label.Value:x}/{label.Mask:x} go on, and a change may concern them";
                }
            }
        }

        return null;
    }
}
