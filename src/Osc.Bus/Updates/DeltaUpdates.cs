using Osc.Flows;
using Osc.Model;

namespace Osc.Bus.Updates;

/// <summary>Deltas to messages and back.</summary>
public static class DeltaUpdates
{
    /// <summary>
    /// The message that turns <paramref name="from"/> into <paramref name="to"/>; null where only a snapshot can: the change is too
    /// large for a message, or the host's bridges change.
    /// </summary>
    /// <param name="updateId">1 to <see cref="BusProtocol.MaxUpdateId"/> characters, used for no other update.</param>
    public static DeltaUpdate? Write(HostFlows from, HostFlows to, string updateId) =>
        from.Bridges.Select(b => b.Bridge).Order().SequenceEqual(to.Bridges.Select(b => b.Bridge).Order()) ? Write(FlowDelta.Between(from, to), from.Digest, to.Digest, updateId) : null;

    /// <summary>The message that carries a delta; null where it is too large for one. The host's bridges must be the same at both ends.</summary>
    /// <param name="delta">What goes and comes.</param>
    /// <param name="from">The digest of the flows that it is made for.</param>
    /// <param name="to">The digest of those that it leads to.</param>
    /// <param name="updateId">1 to <see cref="BusProtocol.MaxUpdateId"/> characters, used for no other update.</param>
    public static DeltaUpdate? Write(FlowDelta delta, FlowDigest from, FlowDigest to, string updateId)
    {
        if (delta.Count > BusProtocol.MaxFlowsInMessage)
        {
            return null;
        }

        var changes = delta.Bridges.Select(b => new BridgeChange(b.Bridge.Value, Print(b.Remove), Print(b.Add))).ToArray();
        return changes.Sum(c => c.Remove.Sum(f => (long)f.Length) + c.Add.Sum(f => (long)f.Length)) > BusProtocol.MaxFlowTextInMessage ? null
            : new(updateId, delta.From.Number, from.ToString(), delta.To.Number, to.ToString(), changes);
    }

    /// <summary>The delta that a message carries.</summary>
    /// <returns>null, or what is wrong.</returns>
    public static string? Read(DeltaUpdate update, Name host, out FlowDelta delta)
    {
        delta = new(host, new(update.From), new(update.To), []);
        var bridges = new List<BridgeDelta>();
        foreach (var change in update.Bridges)
        {
            var (remove, add) = (new List<Flow>(), new List<Flow>());
            if ((FlowLines.Parse(change.Remove, remove) ?? FlowLines.Parse(change.Add, add)) is { } error)
            {
                return error;
            }

            bridges.Add(new(PortName.Parse(change.Bridge), remove.ToValueList(), add.ToValueList()));
        }

        if (bridges.Select(b => b.Bridge).Distinct().Count() < bridges.Count)
        {
            return "a bridge is named twice";
        }

        delta = delta with { Bridges = bridges.ToValueList() };
        return null;
    }

    /// <summary>What the agent holds after a delta.</summary>
    /// <param name="held">What it holds before.</param>
    public static UpdateResult Apply(HostFlows held, DeltaUpdate update, FlowDelta delta)
    {
        if (held.Digest.ToString() != update.FromDigest)
        {
            return new UpdateResult.Refused(RefusalReason.WrongBase, $"the delta is from {update.FromDigest} of revision {update.From}; held is {held.Digest} of revision {held.Revision}");
        }

        var bridges = held.Bridges.ToDictionary(b => b.Bridge);
        try
        {
            foreach (var change in delta.Bridges)
            {
                if (!bridges.TryGetValue(change.Bridge, out var old))
                {
                    return new UpdateResult.Refused(RefusalReason.WrongBase, $"no bridge {change.Bridge} is held");
                }

                bridges[change.Bridge] = new(change.Bridge, change.Apply(old.Flows));
            }
        }
        catch (InvalidOperationException e)
        {
            return new UpdateResult.Refused(RefusalReason.WrongBase, e.Message);
        }

        var whole = new HostFlows(held.Host, delta.To, held.Bridges.Select(b => bridges[b.Bridge]).ToValueList());
        return whole.Digest.ToString() == update.ToDigest ? new UpdateResult.Complete(whole)
            : new UpdateResult.Refused(RefusalReason.WrongDigest, $"the flows add up to {whole.Digest}, not to {update.ToDigest}");
    }

    private static string[] Print(ValueList<Flow> flows) => [.. flows.Select(FlowText.Print)];
}
