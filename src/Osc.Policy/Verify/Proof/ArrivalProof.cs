using Osc.Flows;
using Osc.Flows.Pipeline;
using Osc.Model;

namespace Osc.Policy.Verify.Proof;

/// <summary>Packets of a port with which flows seem to do something else than they shall.</summary>
internal sealed record ArrivalDoubt(PortName? Port, PacketCube Cube, Arrival Arrival, string What);

/// <summary>From the port to connection tracking or delivery: what each port, and any other, may bring in.</summary>
internal sealed class ArrivalProof(BridgeSpec bridge, Func<byte, CubeTable?> tables)
{
    private static readonly Constraint AnyIp = Constraint.In(Field.EthType, new(0x0800, 0x0800), new(0x86dd, 0x86dd));

    private readonly List<ArrivalDoubt> doubts = [];
    private readonly HashSet<Passage> passages = [];
    private readonly List<(QualifiedName Vrf, ushort Zone, PortName Port, PacketCube Cube, Arrival Arrival)> zones = [];

    public IReadOnlyList<ArrivalDoubt> Doubts => doubts;

    /// <summary>In which registers packets go on, one for each that differ.</summary>
    public IReadOnlyCollection<Passage> Passages => passages;

    /// <summary>The zone of each vrf.</summary>
    public IReadOnlyDictionary<QualifiedName, ushort> Zones { get; private set; } = new Dictionary<QualifiedName, ushort>();

    public void Run()
    {
        var run = new CubeRun(tables, table => table > PipelineTable.Dispatch.Id);
        foreach (var port in bridge.ByPort.Keys.Concat(bridge.Bridge.Uplinks).Select(p => (PortName?)p).Append(null))
        {
            var expected = ArrivalSpec.Of(bridge, port);
            foreach (var leaf in run.Run(0, port, new(PacketCube.Untracked, RunEnd.Done) { Registers = new uint[16] }))
            {
                foreach (var (cube, entry) in expected.Split(leaf.Cube))
                {
                    Compare(port, leaf with { Cube = cube }, expected[entry]);
                }
            }
        }

        // A vrf's zone is the one that most ports give it; two vrfs never share one.
        Zones = zones.GroupBy(z => z.Vrf).ToDictionary(g => g.Key, g => g.GroupBy(z => z.Zone).OrderByDescending(z => z.Count()).First().Key);
        doubts.AddRange(zones.Where(z => Zones[z.Vrf] != z.Zone || Zones.Any(o => o.Key != z.Vrf && o.Value == z.Zone))
            .DistinctBy(z => (z.Vrf, z.Zone, z.Port))
            .Select(z => new ArrivalDoubt(z.Port, z.Cube, z.Arrival, $"zone {z.Zone} for {z.Vrf}")));
    }

    private void Compare(PortName? port, CubeLeaf leaf, Arrival arrival)
    {
        var untouched = leaf.Sent.Count == 0 && leaf.Committed is null && leaf.Written.Length == 0;
        var agrees = untouched && arrival.Kind switch
        {
            ArrivalKind.Drop => leaf.End == RunEnd.Done,
            ArrivalKind.Forward => leaf.End == RunEnd.Table && leaf.Table == PipelineTable.Forward.Id && leaf.IsUntagged,
            ArrivalKind.Deliver => leaf.End == RunEnd.Table && leaf.Table == PipelineTable.DeliveryGuard.Id && leaf.IsUntagged,
            _ => leaf.End == RunEnd.Tracking && leaf.IsUntagged,
        };
        if (!agrees && untouched && EndsAlike(port, leaf, arrival))
        {
            return;
        }

        if (!agrees)
        {
            doubts.Add(new(port, leaf.Cube, arrival, $"expected {arrival.Kind}, found {leaf.End} {leaf.Table}"));
        }
        else if (port is { } named && arrival is { Kind: not ArrivalKind.Drop, Network: { } network })
        {
            passages.Add(new(arrival, named, leaf.Table, [.. leaf.Registers], leaf.Zone));
            if (arrival.Kind == ArrivalKind.Track)
            {
                zones.Add((network.Vrf, leaf.Zone, named, leaf.Cube, arrival));
            }
        }
    }

    /// <summary>Whether packets that take another way than they shall still come out where they shall.</summary>
    private bool EndsAlike(PortName? port, CubeLeaf leaf, Arrival arrival)
    {
        if (leaf.End == RunEnd.Tracking && leaf.Cube.Narrow(AnyIp) is null)
        {
            leaf = leaf with { Cube = leaf.Cube.Replace(ConnectionSpec.States(ConnectionSpec.Invalid)) }; // what is not IP is invalid to connection tracking
        }
        else if (leaf.End != RunEnd.Table || arrival.Kind == ArrivalKind.Track)
        {
            return false;
        }

        var expected = arrival.Kind == ArrivalKind.Drop ? null : DeliverySpec.Of(bridge, arrival, port, arrival.Kind == ArrivalKind.Deliver);
        return new CubeRun(tables, _ => false).Run(leaf.Table, port, leaf).All(end => end.End == RunEnd.Done && end.Committed is null
            && (expected is null ? end.Sent.Count == 0 : expected.Split(end.Cube).All(e => end.IsUntagged && expected[e.Entry].Sent.ToHashSet().SetEquals(end.Sent))));
    }
}
