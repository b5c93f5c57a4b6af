using System.Collections.Frozen;
using Osc.Model;
using Osc.Policy;
using Osc.Policy.Compile;

namespace Osc.Controller.Loop;

/// <summary>
/// Everything that readers see of one revision. Immutable, so that readers never wait for the writer.
/// </summary>
/// <param name="Hosts">
/// What each host shall have. The revision of a host's flows is the one that last changed them, which may be older than the state's.
/// </param>
public sealed record Snapshot(State State, FrozenDictionary<Name, CompiledHost> Hosts)
{
    public Revision Revision => State.Revision;
}
