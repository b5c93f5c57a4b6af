using Osc.Flows;
using Osc.Model;

namespace Osc.Bus.Updates;

/// <summary>
/// Puts the chunks of a snapshot together. Chunk 0 begins one, whatever was begun before (the last wins); any other chunk must be
/// the next of the update that was begun, except that the last one taken may come twice, as a broker may deliver it.
/// Holds at most one snapshot; chunks are taken as <see cref="BusJson"/> let them through, within its limits.
/// </summary>
public sealed class SnapshotAssembler(Name host)
{
    private SnapshotChunk? last;
    private Dictionary<PortName, List<Flow>> bridges = [];
    private UpdateResult? result;

    public UpdateResult Add(SnapshotChunk chunk)
    {
        if (chunk.Index == 0 && !IsAgain(chunk))
        {
            Begin(chunk);
        }
        else if (!IsSameSnapshot(chunk))
        {
            return Refuse(RefusalReason.WrongBase, last is null ? $"chunk {chunk.Index} of a snapshot that was not begun" : $"chunk {chunk.Index} of another snapshot than '{last.Update}'");
        }
        else if (IsAgain(chunk))
        {
            return result ?? new UpdateResult.Incomplete();
        }
        else if (chunk.Index != last!.Index + 1)
        {
            return Refuse(RefusalReason.WrongBase, $"chunk {chunk.Index} came after chunk {last.Index}");
        }

        last = chunk with { Bridges = [] };
        if (Take(chunk) is { } error)
        {
            return Refuse(RefusalReason.Malformed, error);
        }

        return chunk.Index + 1 < chunk.Count ? new UpdateResult.Incomplete() : Finish(chunk);
    }

    /// <summary>Forgets a snapshot that was begun: another update took its place.</summary>
    public void Reset()
    {
        last = null;
        result = null;
        bridges = [];
    }

    private void Begin(SnapshotChunk chunk)
    {
        Reset();
        last = chunk;
    }

    private bool IsSameSnapshot(SnapshotChunk chunk) =>
        last is not null && last.Update == chunk.Update && last.Revision == chunk.Revision && last.Digest == chunk.Digest && last.Count == chunk.Count;

    private bool IsAgain(SnapshotChunk chunk) => IsSameSnapshot(chunk) && last!.Index == chunk.Index;

    /// <returns>null, or what is wrong.</returns>
    private string? Take(SnapshotChunk chunk)
    {
        foreach (var part in chunk.Bridges)
        {
            var bridge = PortName.Parse(part.Bridge);
            if (!bridges.TryGetValue(bridge, out var flows))
            {
                if (bridges.Count == BusProtocol.MaxBridges)
                {
                    return $"more than {BusProtocol.MaxBridges} bridges";
                }

                bridges.Add(bridge, flows = []);
            }

            if (FlowLines.Parse(part.Flows, flows) is { } error)
            {
                return error;
            }
        }

        return null;
    }

    private UpdateResult Finish(SnapshotChunk chunk)
    {
        var sets = new List<BridgeFlows>();
        foreach (var (bridge, flows) in bridges)
        {
            if (FlowLines.ToSet(flows, out var set) is { } error)
            {
                return Refuse(RefusalReason.Malformed, error);
            }

            sets.Add(new(bridge, set));
        }

        bridges = [];
        var whole = new HostFlows(host, new(chunk.Revision), sets.OrderBy(s => s.Bridge).ToValueList());
        result = whole.Digest.ToString() == chunk.Digest ? new UpdateResult.Complete(whole)
            : new UpdateResult.Refused(RefusalReason.WrongDigest, $"the flows add up to {whole.Digest}, not to {chunk.Digest}");
        return result;
    }

    private UpdateResult.Refused Refuse(RefusalReason reason, string detail)
    {
        Reset();
        return new(reason, detail);
    }
}
