using Osc.Model;

namespace Osc.Policy.Incremental;

/// <summary>The peers that the rules of one tenant are enforced at.</summary>
internal sealed class EnforcedPeers
{
    private readonly Dictionary<GroupNode, int> groups = [];
    private readonly Dictionary<string, (Groups.TenantPeer Peer, int Count)> ranges = [];

    public bool Has(GroupNode group) => groups.ContainsKey(group);

    public IEnumerable<string> RangesOf(IpAddress address) => ranges.Values.Where(r => r.Peer.HasAddress(address)).Select(r => r.Peer.Key);

    /// <returns>Whether there is a peer more or less.</returns>
    public bool Count(RuleNode rule, int by)
    {
        var changed = false;
        foreach (var group in rule.Enforced.Groups.Concat(rule.AppliedTo.Groups))
        {
            var count = groups.GetValueOrDefault(group) + by;
            changed |= count == 0 || (by > 0 && count == by);
            groups[group] = count;
            if (count == 0)
            {
                groups.Remove(group);
            }
        }

        foreach (var range in rule.Enforced.Ranges.Concat(rule.AppliedTo.Ranges))
        {
            var count = ranges.GetValueOrDefault(range.Key).Count + by;
            changed |= count == 0 || (by > 0 && count == by);
            ranges[range.Key] = (range, count);
            if (count == 0)
            {
                ranges.Remove(range.Key);
            }
        }

        return changed;
    }
}
