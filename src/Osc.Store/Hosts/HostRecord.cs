using Osc.Model;

namespace Osc.Store.Hosts;

/// <summary>What is known of a host: what it shall have, what its switch was confirmed to have, and its agent.</summary>
public sealed record HostRecord
{
    public required Name Host { get; init; }

    public Revision DesiredRevision { get; init; }

    /// <summary>The digest of the desired host flows; empty as long as there are none.</summary>
    public string DesiredDigest { get; init; } = "";

    public int DesiredFlows { get; init; }

    public Revision AckedRevision { get; init; }

    public string AckedDigest { get; init; } = "";

    public int AckedFlows { get; init; }

    public DateTimeOffset? AckedAt { get; init; }

    public string AgentVersion { get; init; } = "";

    public string SwitchVersion { get; init; } = "";

    public DateTimeOffset? LastSeen { get; init; }

    /// <summary>Why the last update was refused; empty once one was confirmed.</summary>
    public string Error { get; init; } = "";
}

/// <summary>What a host shall have.</summary>
/// <param name="Digest">The digest of the host flows.</param>
/// <param name="Flows">How many they are.</param>
public sealed record HostDesired(Name Host, Revision Revision, string Digest, int Flows);

/// <summary>A sign of life from a host's agent.</summary>
public sealed record HostSeen(Name Host, string AgentVersion, string SwitchVersion, DateTimeOffset Time);
