using System.Collections;
using System.Collections.Frozen;
using Osc.Model;

namespace Osc.Flows;

/// <summary>A set of flows, one a key, in canonical order (table, priority downwards, text), with its digest.</summary>
public sealed class FlowSet : IReadOnlyCollection<Flow>
{
    public static readonly FlowSet Empty = Of([]);

    private readonly Flow[] flows;
    private readonly Lazy<FrozenDictionary<FlowKey, Flow>> byKey;
    private readonly Lazy<FlowDigest> digest;

    private FlowSet(Flow[] flows)
    {
        this.flows = flows;
        byKey = new(() => flows.ToFrozenDictionary(f => f.Key));
        digest = new(() => FlowDigest.Of(flows));
    }

    public int Count => flows.Length;

    public FlowDigest Digest => digest.Value;

    /// <exception cref="ArgumentException">Two flows have the same key.</exception>
    public static FlowSet Of(IEnumerable<Flow> flows)
    {
        var texts = flows.Select(f => (Flow: f, Text: FlowText.Print(f.Match))).ToArray();
        Array.Sort(texts, static (a, b) =>
        {
            var byTable = a.Flow.Table.CompareTo(b.Flow.Table);
            if (byTable != 0)
            {
                return byTable;
            }

            var byPriority = b.Flow.Priority.CompareTo(a.Flow.Priority);
            return byPriority != 0 ? byPriority : string.CompareOrdinal(a.Text, b.Text);
        });

        for (var i = 1; i < texts.Length; i++)
        {
            if (texts[i].Flow.Key == texts[i - 1].Flow.Key)
            {
                throw new ArgumentException($"two flows with one key:\n{texts[i - 1].Flow}\n{texts[i].Flow}");
            }
        }

        return new([.. texts.Select(t => t.Flow)]);
    }

    public Flow? Find(FlowKey key) => byKey.Value.GetValueOrDefault(key);

    public IEnumerator<Flow> GetEnumerator() => ((IEnumerable<Flow>)flows).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}

/// <summary>The flows of one bridge.</summary>
public sealed record BridgeFlows(PortName Bridge, FlowSet Flows);

/// <summary>All flows that one host should have at one revision, a set for each of its bridges.</summary>
public sealed record HostFlows(Name Host, Revision Revision, ValueList<BridgeFlows> Bridges)
{
    public int Count => Bridges.Sum(b => b.Flows.Count);

    /// <summary>One digest over all bridges: each bridge's digest, tied to the bridge's name.</summary>
    public FlowDigest Digest => Bridges.Aggregate(FlowDigest.Empty, (sum, b) => sum + DigestOf(b.Bridge, b.Flows.Digest));

    /// <summary>What a bridge adds to its host's digest.</summary>
    public static FlowDigest DigestOf(PortName bridge, FlowDigest flows) => FlowDigest.OfText($"{bridge} {flows}");

    public BridgeFlows? Find(PortName bridge) => Bridges.FirstOrDefault(b => b.Bridge == bridge);
}

/// <summary>What turns one bridge's flows into others. A flow whose actions or cookie change is in both lists: removed as it was, added as it shall be.</summary>
public sealed record BridgeDelta(PortName Bridge, ValueList<Flow> Remove, ValueList<Flow> Add)
{
    public static BridgeDelta Between(PortName bridge, FlowSet from, FlowSet to) =>
        new(bridge, from.Where(f => !f.Equals(to.Find(f.Key))).ToValueList(), to.Where(f => !f.Equals(from.Find(f.Key))).ToValueList());

    public bool IsEmpty => Remove.Count == 0 && Add.Count == 0;

    /// <summary>This delta and one from where it leads, as one: what the second takes back is in neither list.</summary>
    public BridgeDelta Then(BridgeDelta next)
    {
        var (removed, added) = (Remove.ToDictionary(f => f.Key), Add.ToDictionary(f => f.Key));
        foreach (var flow in next.Remove.Where(f => !added.Remove(f.Key)))
        {
            removed.Add(flow.Key, flow);
        }

        foreach (var flow in next.Add)
        {
            if (removed.TryGetValue(flow.Key, out var was) && was.Equals(flow))
            {
                removed.Remove(flow.Key);
            }
            else
            {
                added.Add(flow.Key, flow);
            }
        }

        return new(Bridge, removed.Values.ToValueList(), added.Values.ToValueList());
    }

    /// <exception cref="InvalidOperationException">A flow to remove is not there, or one to add is there already.</exception>
    public FlowSet Apply(FlowSet from)
    {
        var flows = from.ToDictionary(f => f.Key);
        foreach (var flow in Remove)
        {
            if (!flows.Remove(flow.Key, out var old) || !old.Equals(flow))
            {
                throw new InvalidOperationException($"the delta removes a flow that is not there: {flow}");
            }
        }

        foreach (var flow in Add)
        {
            if (!flows.TryAdd(flow.Key, flow))
            {
                throw new InvalidOperationException($"the delta adds a flow whose place is taken: {flow}");
            }
        }

        return FlowSet.Of(flows.Values);
    }
}

/// <summary>Flows to remove and add to go from one revision of a host's flows to another.</summary>
public sealed record FlowDelta(Name Host, Revision From, Revision To, ValueList<BridgeDelta> Bridges)
{
    public bool IsEmpty => Bridges.All(b => b.IsEmpty);

    /// <summary>How many flows go and come.</summary>
    public int Count => Bridges.Sum(b => b.Remove.Count + b.Add.Count);

    /// <summary>This delta and one from where it leads, as one.</summary>
    public FlowDelta Then(FlowDelta next) => new(Host, From, next.To, Bridges.Concat(next.Bridges)
        .GroupBy(b => b.Bridge, (_, deltas) => deltas.Aggregate((first, then) => first.Then(then)))
        .Where(d => !d.IsEmpty)
        .OrderBy(d => d.Bridge)
        .ToValueList());

    /// <summary>Bridges that are in one of the two only count as empty in the other.</summary>
    public static FlowDelta Between(HostFlows from, HostFlows to)
    {
        var bridges = from.Bridges.Concat(to.Bridges).Select(b => b.Bridge).Distinct().Order();
        return new(from.Host, from.Revision, to.Revision, bridges
            .Select(b => BridgeDelta.Between(b, from.Find(b)?.Flows ?? FlowSet.Empty, to.Find(b)?.Flows ?? FlowSet.Empty))
            .Where(d => !d.IsEmpty)
            .ToValueList());
    }
}
