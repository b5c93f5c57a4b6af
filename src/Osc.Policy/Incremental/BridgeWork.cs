namespace Osc.Policy.Incremental;

/// <summary>What a change does to one bridge: what of the change concerns it, and then the flows that come and go.</summary>
internal sealed class BridgeWork(SharedFlows shared)
{
    /// <summary>Flows that other bridges have alike.</summary>
    public SharedFlows Shared { get; } = shared;

    /// <summary>Addresses that the change touched and that this bridge may know, of which more changes than their groups, or that ranges of others have in them.</summary>
    public List<AddressNode> Others { get; } = new(0);

    /// <summary>What it does to those of which nothing changes but their groups; who is there only because a group lists it comes from no groups, or goes to none.</summary>
    public List<Transition> Transitions { get; } = new(1);

    /// <summary>All of them.</summary>
    public IEnumerable<AddressNode> Touched => Others.Concat(Transitions.SelectMany(t => t.Addresses));

    /// <summary>Whether <see cref="Transitions"/> say all that the change does here.</summary>
    public bool IsTransitionsAlone => Others.Count + Rules.Count + Plugged.Count + Unplugged.Count == 0;

    public List<RuleChange> Rules { get; } = new(0);

    public List<PlacedInterface> Unplugged { get; } = new(0);

    public List<PlacedInterface> Plugged { get; } = new(0);

    /// <summary>Whether flows that belong to no interface, address or rule have to be made anew.</summary>
    public bool ChangesJoints { get; set; }

    /// <summary>The open connections that were allowed here and may not be any more.</summary>
    public Revoked Revoked => field ??= new();

    public bool Revokes => !Revoked.IsEmpty;

    public FlowDifference Flows => field ??= new();
}
