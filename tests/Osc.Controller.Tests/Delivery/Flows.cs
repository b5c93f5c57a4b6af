using Osc.Controller.Loop;
using Osc.Flows;
using Osc.Model;

namespace Osc.Controller.Tests.Delivery;

/// <summary>Host flows for tests: a flow for each number.</summary>
public static class Flows
{
    public static readonly Name Host = Name.Parse("h1");

    public static HostFlows Of(long revision, IEnumerable<int> numbers)
    {
        var flows = numbers.Select(n => FlowTextParser.Parse($"cookie=0x05c0000000000000, table=0, priority={n + 1}, actions=drop"));
        return new(Host, new(revision), [new(PortName.Parse("br-int"), FlowSet.Of(flows))]);
    }

    /// <param name="from">null: the host is new.</param>
    public static HostStep Step(HostFlows? from, HostFlows to)
    {
        var delta = from is null ? null : FlowDelta.Between(from, to);
        return new(from is null ? null : TargetOf(from), TargetOf(to), delta?.Bridges.Sum(b => b.Add.Count) ?? to.Count, delta?.Bridges.Sum(b => b.Remove.Count) ?? 0) { Delta = delta };
    }

    private static HostTarget TargetOf(HostFlows flows) => new(flows.Host, flows.Revision, flows.Digest, flows.Count);
}
