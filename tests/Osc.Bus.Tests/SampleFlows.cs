using Osc.Flows;
using Osc.Model;

namespace Osc.Bus.Tests;

/// <summary>Flows to send about: small, all different, with the quotes and plus signs that real ones have.</summary>
internal static class SampleFlows
{
    public static readonly Name Host = Name.Parse("h1");

    public static Flow Flow(int number) => FlowTextParser.Parse(
        $"cookie=0x{FlowCookie.Owner | (uint)number:x},table={number % 200},priority={1 + (number % 60_000)},in_port=\"vif{number}.0\",ct_state=+trk-inv,reg1=0x{number:x},actions=output:\"vif{number + 1}.0\"");

    public static HostFlows Of(long revision, params (string Bridge, IEnumerable<int> Flows)[] bridges) =>
        new(Host, new(revision), bridges.Select(b => new BridgeFlows(PortName.Parse(b.Bridge), FlowSet.Of(b.Flows.Select(Flow)))).ToValueList());

    /// <summary>An action list so long that few of them fit in a message.</summary>
    public static Flow LongFlow(int number) => FlowTextParser.Parse(
        $"cookie=0x{FlowCookie.Owner:x},table=1,priority={number},actions={string.Join(',', Enumerable.Range(0, 2_000).Select(i => $"output:\"a-rather-long-port-name-{i}\""))}");
}
