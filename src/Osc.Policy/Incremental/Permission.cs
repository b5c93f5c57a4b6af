using Osc.Model.Documents;

namespace Osc.Policy.Incremental;

/// <summary>
/// Which changes can take a permission away. Only those raise the epoch of a host, for a raise makes every open connection be
/// decided again. The answer may be yes where no connection is concerned; it is never no where one is.
/// </summary>
internal static class Permission
{
    public static bool IsDenial(RuleAction action) => action is RuleAction.Drop or RuleAction.Reject;

    /// <summary>Whether a change of a rule can: a rule that allows less, one that denies or passes on more, one that other rules now come before.</summary>
    public static bool MayRevoke(RuleChange change)
    {
        var (before, after, overtakes) = change;
        if (before is null || after is null)
        {
            return before is null ? after!.Action != RuleAction.Allow : !IsDenial(before.Action); // one of the two is there
        }

        return before.Action switch
        {
            _ when ReferenceEquals(before, after) => overtakes,
            RuleAction.Allow => after.Action != RuleAction.Allow || !IsNoNarrower(after, before),
            RuleAction.Drop or RuleAction.Reject => after.Action == RuleAction.Allow ? false : !IsDenial(after.Action) || !IsNoNarrower(before, after),
            _ => true,
        };
    }

    /// <summary>Whether all that one rule holds for, another in the same place does too, as far as their lists tell.</summary>
    private static bool IsNoNarrower(RuleNode wide, RuleNode narrow) =>
        wide.Policy == narrow.Policy
        && wide.Table == narrow.Table
        && RuleOrder.Instance.Compare(wide, narrow) == 0
        && HasAll(wide.Enforced, narrow.Enforced)
        && HasAll(wide.AppliedTo, narrow.AppliedTo)
        && HasAll(wide.Named, narrow.Named)
        && (wide.Services is null || (narrow.Services is not null && narrow.Services.All(n => wide.Services.Any(w => (w.Mask & n.Mask) == w.Mask && (n.Value & w.Mask) == w.Value))));

    private static bool HasAll(PeerList wide, PeerList narrow) =>
        wide.IsAnything
        || (!narrow.IsAnything
            && narrow.Groups.All(wide.Groups.Contains)
            && narrow.Ranges.All(n => wide.Ranges.Any(w => ((CidrPeer)w.Peer).Cidr.Contains(((CidrPeer)n.Peer).Cidr)))); // ranges are literals
}
