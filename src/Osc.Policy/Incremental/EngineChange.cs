using Osc.Flows;
using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy.Compile;

namespace Osc.Policy.Incremental;

/// <summary>What a change does, to followed hosts only.</summary>
public sealed class EngineChange
{
    private IReadOnlyList<HostChange>? hosts;

    internal EngineChange(State before, DocumentChanges documents)
    {
        Before = before;
        Documents = documents;
    }

    /// <summary>The state that the change was made to.</summary>
    public State Before { get; }

    public DocumentChanges Documents { get; }

    /// <summary>The hosts that the change concerns, known before their flows are worked out; of some nothing may change in the end.</summary>
    public IReadOnlyCollection<Name> Affected { get; internal set; } = [];

    /// <summary>The hosts whose flows change, in name order. Worked out when first asked for, or when the change is accepted or reverted.</summary>
    public IReadOnlyList<HostChange> Hosts => hosts ??= WorkOut();

    /// <summary>
    /// What becomes of the numbers of hosts, also of those that no flow carries yet. Worked out with <see cref="Hosts"/>.
    /// </summary>
    public IReadOnlyDictionary<Name, HostNumberingChange> Numberings
    {
        get
        {
            Finish();
            return Renumbered;
        }
    }

    /// <summary>Hosts that are new; they are not followed yet.</summary>
    public IReadOnlyList<Name> Created { get; internal set; } = [];

    public IReadOnlyList<Name> Deleted { get; internal set; } = [];

    /// <summary>How it is worked out, once.</summary>
    internal Func<IReadOnlyList<HostChange>> WorkOut { get; set; } = () => [];

    internal Dictionary<Name, HostNumberingChange> Renumbered { get; } = [];

    /// <summary>All that have to be settled.</summary>
    internal List<HostNode> Touched { get; } = [];

    /// <summary>Followed hosts that were made anew, with the numbers that they had.</summary>
    internal Dictionary<Name, HostNumbering> Remade { get; } = [];

    /// <summary>Works the flows out, if nobody asked for them.</summary>
    internal void Finish() => _ = Hosts;
}

/// <summary>What a change does to one host.</summary>
/// <param name="Delta">Flows that go and come.</param>
/// <param name="Count">How many flows it has then.</param>
/// <param name="RaisesEpoch">Whether open connections are decided anew.</param>
public sealed record HostChange(FlowDelta Delta, int Count, bool RaisesEpoch)
{
    public Name Host => Delta.Host;
}
