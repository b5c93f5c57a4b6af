using Osc.Flows;

namespace Osc.Bus.Updates;

/// <summary>Cuts a host's flows into the chunks of a snapshot.</summary>
public static class SnapshotWriter
{
    /// <param name="updateId">1 to <see cref="BusProtocol.MaxUpdateId"/> characters, used for no other update.</param>
    /// <returns>At least one chunk, each within the limits of <see cref="BusProtocol"/>.</returns>
    /// <exception cref="ArgumentException">The flows do not fit in <see cref="BusProtocol.MaxChunks"/> chunks.</exception>
    public static IReadOnlyList<SnapshotChunk> Split(HostFlows flows, string updateId)
    {
        var parts = new List<List<BridgeFlowTexts>> { new() };
        var count = 0;
        var length = 0;
        foreach (var bridge in flows.Bridges)
        {
            var texts = Begin(bridge);
            foreach (var flow in bridge.Flows)
            {
                var text = FlowText.Print(flow);
                if (count == BusProtocol.MaxFlowsInMessage || (count > 0 && length + text.Length > BusProtocol.MaxFlowTextInMessage))
                {
                    parts.Add([]);
                    (count, length) = (0, 0);
                    texts = Begin(bridge);
                }

                texts.Add(text);
                count++;
                length += text.Length;
            }
        }

        if (parts.Count > BusProtocol.MaxChunks)
        {
            throw new ArgumentException($"{flows.Count} flows of host {flows.Host} need {parts.Count} chunks; a snapshot has at most {BusProtocol.MaxChunks}");
        }

        var digest = flows.Digest.ToString();
        return [.. parts.Select((part, index) => new SnapshotChunk(updateId, flows.Revision.Number, digest, index, parts.Count, part))];

        List<string> Begin(BridgeFlows bridge)
        {
            var texts = new List<string>();
            parts[^1].Add(new(bridge.Bridge.Value, texts));
            return texts;
        }
    }
}
