namespace Osc.Policy.Incremental;

/// <summary>What became of a bridge's rules in a change.</summary>
internal sealed class RuleOutcome
{
    /// <summary>Groups that came to be named, or are not any more.</summary>
    public HashSet<GroupNode> Named { get; } = [];

    /// <summary>Whether local addresses are told apart by other peers than before.</summary>
    public bool HasOtherEnforced { get; private set; }

    /// <summary>New rules, whose flows are still to be made.</summary>
    public HashSet<RuleSection> Dirty { get; } = [];

    public bool TellsOtherwise => HasOtherEnforced || Named.Count > 0;

    public void EnforcedChanged() => HasOtherEnforced = true;
}
