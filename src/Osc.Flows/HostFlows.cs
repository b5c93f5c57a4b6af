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

    private FlowSet(Flow[] flows, FlowDigest? known = null)
    {
        this.flows = flows;
        byKey = new(() => flows.ToFrozenDictionary(f => f.Key));
        digest = known is { } value ? new(value) : new(() => FlowDigest.Of(flows));
    }

    public int Count => flows.Length;

    public FlowDigest Digest => digest.Value;

    /// <exception cref="ArgumentException">Two flows have the same key.</exception>
    public static FlowSet Of(IEnumerable<Flow> flows)
    {
        var placed = Sorted(flows);
        for (var i = 1; i < placed.Length; i++)
        {
            if (placed[i].CompareTo(placed[i - 1]) == 0)
            {
                throw new ArgumentException($"two flows with one key:\n{placed[i - 1].Flow}\n{placed[i].Flow}");
            }
        }

        return new([.. placed.Select(p => p.Flow)]);
    }

    /// <summary>This set without some flows and with others. Costs by how many those are, and one copy of the list.</summary>
    /// <exception cref="InvalidOperationException">A flow to remove is not there, or one to add is there already.</exception>
    public FlowSet With(IEnumerable<Flow> remove, IEnumerable<Flow> add)
    {
        var (going, coming) = (Sorted(remove), Sorted(add));
        var goingFrom = new int[going.Length];
        for (var i = 0; i < going.Length; i++)
        {
            goingFrom[i] = PlaceOf(going[i]);
            if (goingFrom[i] < 0 || !flows[goingFrom[i]].Equals(going[i].Flow) || (i > 0 && goingFrom[i] == goingFrom[i - 1]))
            {
                throw new InvalidOperationException($"the delta removes a flow that is not there: {going[i].Flow}");
            }
        }

        var result = new Flow[flows.Length - going.Length + coming.Length];
        var (read, written, gone) = (0, 0, 0);
        for (var i = 0; i < coming.Length; i++)
        {
            var at = PlaceOf(coming[i]);
            var isTaken = (at >= 0 && Array.BinarySearch(goingFrom, at) < 0) || (i > 0 && coming[i].CompareTo(coming[i - 1]) == 0);
            CopyUntil(isTaken ? throw new InvalidOperationException($"the delta adds a flow whose place is taken: {coming[i].Flow}") : at < 0 ? ~at : at);
            result[written++] = coming[i].Flow;
        }

        CopyUntil(flows.Length);
        return new(result, digest.IsValueCreated ? Digest - FlowDigest.Of(going.Select(p => p.Flow)) + FlowDigest.Of(coming.Select(p => p.Flow)) : null);

        void CopyUntil(int end)
        {
            while (read < end)
            {
                var next = gone < goingFrom.Length && goingFrom[gone] < end ? goingFrom[gone++] : end;
                Array.Copy(flows, read, result, written, next - read);
                written += next - read;
                read = next < end ? next + 1 : next;
            }
        }
    }

    public Flow? Find(FlowKey key) => byKey.Value.GetValueOrDefault(key);

    public IEnumerator<Flow> GetEnumerator() => ((IEnumerable<Flow>)flows).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static PlacedFlow[] Sorted(IEnumerable<Flow> flows)
    {
        var placed = flows.Select(PlacedFlow.Of).ToArray();
        Array.Sort(placed);
        return placed;
    }

    /// <returns>Where the flow with the same key is, or the complement of where it would be.</returns>
    private int PlaceOf(PlacedFlow sought)
    {
        var (low, high) = (0, flows.Length - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            var order = PlacedFlow.Of(flows[middle]).CompareTo(sought);
            if (order == 0)
            {
                return middle;
            }

            (low, high) = order < 0 ? (middle + 1, high) : (low, middle - 1);
        }

        return ~low;
    }

    /// <summary>A flow, and what its place in the canonical order goes by.</summary>
    private readonly record struct PlacedFlow(Flow Flow, string Match) : IComparable<PlacedFlow>
    {
        public static PlacedFlow Of(Flow flow) => new(flow, FlowText.Print(flow.Match));

        public int CompareTo(PlacedFlow other)
        {
            var byTable = Flow.Table.CompareTo(other.Flow.Table);
            var byPriority = other.Flow.Priority.CompareTo(Flow.Priority);
            return byTable != 0 ? byTable : byPriority != 0 ? byPriority : string.CompareOrdinal(Match, other.Match);
        }
    }
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
    public FlowSet Apply(FlowSet from) => from.With(Remove, Add);
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
