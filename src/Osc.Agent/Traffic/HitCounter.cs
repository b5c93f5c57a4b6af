using Osc.Switch.Traffic;

namespace Osc.Agent.Traffic;

/// <summary>
/// Makes increments of readings of flows: each packet that the switch counts is counted once, over changes of flows, restarts of the agent
/// and restarts of the switch. A flow's counts begin at 0 when it is put in, grow, and are told a last time when it is removed.
/// All times are by the machine's clock since its start, which runs on over restarts of the agent.
/// </summary>
/// <param name="revisions">Which revision brought which flows.</param>
/// <param name="started">When the agent started.</param>
internal sealed class HitCounter(RevisionTimes revisions, TimeSpan started)
{
    /// <summary>By how much two readings of a flow's age may disagree with the clock: the switch counts in milliseconds.</summary>
    private static readonly TimeSpan Slack = TimeSpan.FromMilliseconds(100);

    private readonly Dictionary<FlowId, SeenFlow> flows = [];
    private readonly Dictionary<HitKey, Hits> unreported = [];
    private bool remembers;

    public IReadOnlyDictionary<FlowId, SeenFlow> Flows => flows;

    /// <summary>What was counted and not taken yet.</summary>
    public IReadOnlyDictionary<HitKey, Hits> Unreported => unreported;

    /// <summary>
    /// Goes on from what an earlier run of the agent kept. A counter that has no past does not count what flows older than the agent have met
    /// before: somebody may have.
    /// </summary>
    public void Remember(IEnumerable<KeyValuePair<FlowId, SeenFlow>> seen, IEnumerable<KeyValuePair<HitKey, Hits>> hits)
    {
        remembers = true;
        foreach (var (id, flow) in seen)
        {
            flows[id] = flow;
        }

        foreach (var (key, more) in hits)
        {
            Add(key, more);
        }
    }

    /// <summary>Takes a reading of all flows of a bridge that are counted.</summary>
    /// <param name="asked">When the switch was asked.</param>
    /// <param name="got">When the answer was here.</param>
    public void Read(Model.PortName bridge, IReadOnlyList<FlowCount> counts, TimeSpan asked, TimeSpan got)
    {
        var present = new HashSet<FlowId>();
        foreach (var count in counts)
        {
            var id = FlowId.Of(count);
            present.Add(id);
            if (!flows.TryGetValue(id, out var seen) || seen.GoneAt < asked)
            {
                Begin(id, count, got, null);
            }
            else if (seen.GoneAt is null)
            {
                var passed = asked > seen.At ? asked - seen.At : TimeSpan.Zero;
                Continue(id, seen, count, seen.Age + passed, got, null);
            }

            // Else the reading is older than the removal, which told more.
        }

        foreach (var (id, seen) in flows)
        {
            if (id.Bridge == bridge && !present.Contains(id) && !(seen.GoneAt >= asked))
            {
                flows.Remove(id);
            }
        }
    }

    /// <summary>Takes the last counts of a flow that was removed.</summary>
    public void Remove(FlowCount count, TimeSpan at)
    {
        var id = FlowId.Of(count);
        if (flows.TryGetValue(id, out var seen) && seen.GoneAt is null)
        {
            Continue(id, seen, count, seen.Age, at, at);
        }
        else
        {
            Begin(id, count, at, at);
        }
    }

    /// <summary>Takes away up to so many of the hits that are not reported yet.</summary>
    public IReadOnlyList<KeyValuePair<HitKey, Hits>> Take(int most)
    {
        var taken = unreported.Take(most).ToArray();
        foreach (var (key, _) in taken)
        {
            unreported.Remove(key);
        }

        return taken;
    }

    /// <summary>A reading of a flow that was there before, if it is old enough to be the same.</summary>
    private void Continue(FlowId id, SeenFlow seen, FlowCount count, TimeSpan leastAge, TimeSpan at, TimeSpan? goneAt)
    {
        if (count.Packets < seen.Packets || count.Age + Slack < leastAge)
        {
            Begin(id, count, at, goneAt);
            return;
        }

        Note(id, count, new(count.Packets - seen.Packets, count.Bytes - seen.Bytes), seen.Revision, at, goneAt);
    }

    private void Begin(FlowId id, FlowCount count, TimeSpan at, TimeSpan? goneAt)
    {
        var created = at - count.Age;
        var isOlder = !remembers && created < started - Slack;
        Note(id, count, isOlder ? default : new(count.Packets, count.Bytes), revisions.At(created), at, goneAt);
    }

    private void Note(FlowId id, FlowCount count, Hits more, long revision, TimeSpan at, TimeSpan? goneAt)
    {
        flows[id] = new(count.Age, at, count.Packets, count.Bytes, revision, goneAt);
        if (more.Packets > 0)
        {
            var rule = count.Cookie.Rule;
            Add(new(count.Table, rule, rule is null ? 0 : revision, count.Cookie.Purpose == Osc.Flows.FlowPurpose.LoggedRule), more);
        }
    }

    private void Add(HitKey key, Hits more) => unreported[key] = unreported.GetValueOrDefault(key) + more;
}
