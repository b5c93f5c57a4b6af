using Osc.Model;

namespace Osc.Store.Hosts;

/// <summary>How far a revision has come on a host.</summary>
public enum RolloutState
{
    Pending,

    /// <summary>It is on its way to the agent.</summary>
    Sent,

    /// <summary>The switch was confirmed to have it, or a later one.</summary>
    Acked,

    /// <summary>The agent refused it, and has not confirmed it since.</summary>
    Refused,
}

/// <summary>A step of a rollout on one host.</summary>
public abstract record RolloutStep(Name Host, Revision Revision)
{
    /// <summary>An update to this revision went out.</summary>
    public sealed record Sent(Name Host, Revision Revision) : RolloutStep(Host, Revision);

    /// <summary>The switch has this revision; whatever earlier one was still on its way has been overtaken and counts as acked too.</summary>
    /// <param name="Digest">The digest of the flows it has.</param>
    /// <param name="Flows">How many they are.</param>
    /// <param name="Milliseconds">How long the agent took to bring them in.</param>
    public sealed record Acked(Name Host, Revision Revision, string Digest, int Flows, double Milliseconds) : RolloutStep(Host, Revision);

    /// <summary>The agent refused the update.</summary>
    public sealed record Refused(Name Host, Revision Revision, string Error) : RolloutStep(Host, Revision);
}

/// <summary>A revision's way to one host.</summary>
public sealed record HostRollout
{
    public required Name Host { get; init; }

    public required RolloutState State { get; init; }

    public DateTimeOffset? SentAt { get; init; }

    public DateTimeOffset? AckedAt { get; init; }

    /// <summary>How long the agent took; null unless this very revision was acked.</summary>
    public double? Milliseconds { get; init; }

    /// <summary>Why it was refused; empty otherwise.</summary>
    public string Error { get; init; } = "";
}

/// <summary>A revision's way to all hosts that it concerns.</summary>
/// <param name="Started">When it was committed.</param>
public sealed record RolloutInfo(Revision Revision, DateTimeOffset Started, IReadOnlyList<HostRollout> Hosts)
{
    public int Acked => Hosts.Count(h => h.State == RolloutState.Acked);

    /// <summary>When the last host had it; null as long as one has not.</summary>
    public DateTimeOffset? Finished => Acked < Hosts.Count ? null : Hosts.Max(h => h.AckedAt) ?? Started;
}
