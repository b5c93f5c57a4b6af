using Osc.Flows;
using Osc.Model;

namespace Osc.Policy.Incremental;

/// <summary>Flows of one bridge that come and go; one that does both stays.</summary>
internal sealed class FlowDifference
{
    private readonly List<FlowExchange> exchanges = new(1);
    private readonly List<Flow> removed = new(0);
    private readonly List<Flow> added = new(0);

    public bool IsEmpty => exchanges.Count + removed.Count + added.Count == 0;

    /// <summary>How many more flows there are.</summary>
    public int Growth => added.Count - removed.Count + exchanges.Sum(static e => e.Added.Count - e.Removed.Count);

    /// <summary>Takes in what happens to flows on other bridges alike. No other part of the difference has a flow in the same place.</summary>
    public void Exchange(FlowExchange exchange) => exchanges.Add(exchange);

    public void Remove(IEnumerable<Flow> flows) => removed.AddRange(flows);

    public void Add(IEnumerable<Flow> flows) => added.AddRange(flows);

    /// <summary>Takes out what comes as it goes, as often as it does both.</summary>
    public void Settle()
    {
        if (removed.Count == 0 || added.Count == 0)
        {
            return;
        }

        var going = new Dictionary<FlowKey, List<Flow>>(removed.Count);
        foreach (var flow in removed)
        {
            if (!going.TryGetValue(flow.Key, out var alike))
            {
                going.Add(flow.Key, alike = []);
            }

            alike.Add(flow);
        }

        added.RemoveAll(flow => going.TryGetValue(flow.Key, out var alike) && alike.Remove(flow));
        removed.Clear();
        removed.AddRange(going.Values.SelectMany(f => f));
    }

    /// <summary>What it does to the digest of the bridge's flows.</summary>
    public FlowDigest Digest(SharedFlows shared)
    {
        var sum = FlowDigest.Empty;
        foreach (var exchange in exchanges)
        {
            sum += exchange.Digest;
        }

        foreach (var flow in added)
        {
            sum += shared.DigestOf(flow);
        }

        foreach (var flow in removed)
        {
            sum -= shared.DigestOf(flow);
        }

        return sum;
    }

    public BridgeDelta ToDelta(PortName bridge) => new(bridge, All(removed, static e => e.Removed), All(added, static e => e.Added));

    private ValueList<Flow> All(List<Flow> own, Func<FlowExchange, ValueList<Flow>> part)
    {
        if (exchanges.Count == 1 && own.Count == 0)
        {
            return part(exchanges[0]);
        }

        var all = new List<Flow>(own.Count + exchanges.Sum(e => part(e).Count));
        foreach (var exchange in exchanges)
        {
            all.AddRange(part(exchange).AsSpan());
        }

        all.AddRange(own);
        return all.ToValueList();
    }
}

/// <summary>Flows that give way to others, on every bridge that gives them the same numbers.</summary>
internal sealed class FlowExchange(IEnumerable<Flow> removed, IEnumerable<Flow> added)
{
    private FlowDigest? digest;

    public ValueList<Flow> Removed { get; } = removed.ToValueList();

    public ValueList<Flow> Added { get; } = added.ToValueList();

    /// <summary>What it does to the digest of the flows.</summary>
    public FlowDigest Digest => digest ??= FlowDigest.Of(Added) - FlowDigest.Of(Removed);
}
