using Osc.Flows;
using Osc.Model;
using Osc.Policy;

namespace Osc.Controller.Loop;

/// <summary>
/// Everything that readers see of one revision. Immutable, so that readers never wait for the writer. What a change does not
/// concern is shared with the snapshot before.
/// </summary>
/// <param name="Hosts">What each host shall have.</param>
public sealed record Snapshot(State State, SortedMap<Name, HostTarget> Hosts)
{
    public Revision Revision => State.Revision;

    public HostTarget? Host(Name name) => Hosts.TryFind(name, out var target) ? target : null;
}

/// <summary>What a host shall have, without the flows themselves: <see cref="PolicyLoop.FlowsOf"/> has those.</summary>
/// <param name="Revision">The one that last changed the host's flows, which may be older than the state's.</param>
/// <param name="Flows">How many they are.</param>
public sealed record HostTarget(Name Host, Revision Revision, FlowDigest Digest, int Flows);
