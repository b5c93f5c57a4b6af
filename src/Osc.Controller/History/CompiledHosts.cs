using System.Collections.Concurrent;
using Osc.Controller.Loop;
using Osc.Flows;
using Osc.Model;
using Osc.Policy;
using Osc.Policy.Compile;

namespace Osc.Controller.History;

/// <summary>Flows of hosts that were asked for, for as long as they stay the same: putting a host's flows in order takes longer than answering from them.</summary>
public sealed class CompiledHosts(PolicyLoop policy)
{
    /// <summary>Past that all are forgotten, and come again as they are asked for.</summary>
    private const int MostHosts = 32;

    private readonly ConcurrentDictionary<Name, (FlowDigest Digest, CompiledHost Host)> known = [];

    /// <returns>null if there is no such host, or the state is no longer the current one.</returns>
    public CompiledHost? Of(State state, Name host)
    {
        var snapshot = policy.Current;
        if (snapshot.State != state || snapshot.Host(host) is not { } target)
        {
            return null;
        }

        if (known.TryGetValue(host, out var kept) && kept.Digest == target.Digest)
        {
            return kept.Host;
        }

        if (policy.CompiledOf(state, host) is not { } compiled)
        {
            return null;
        }

        if (known.Count >= MostHosts)
        {
            known.Clear();
        }

        known[host] = (target.Digest, compiled);
        return compiled;
    }
}
