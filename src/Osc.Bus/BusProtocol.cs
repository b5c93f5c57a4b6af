namespace Osc.Bus;

/// <summary>
/// The version of the messages, and what one message may hold. A peer that speaks another version, or goes beyond a limit, is
/// refused with a clear reason (<see cref="BusJson"/>).
/// </summary>
public static class BusProtocol
{
    public const int Version = 1;

    /// <summary>At most this many flows travel in one message.</summary>
    public const int MaxFlowsInMessage = 2_000;

    /// <summary>At most this many characters of flow text travel in one message, unless one flow alone is longer.</summary>
    public const int MaxFlowTextInMessage = 1 << 20;

    /// <summary>The longest encoded message, in bytes. Above what the two limits on flows can come to.</summary>
    public const int MaxMessageBytes = 8 << 20;

    /// <summary>At most this many chunks make a snapshot: a million flows.</summary>
    public const int MaxChunks = 500;

    /// <summary>At most this many bridges on a host, and bridges in a message.</summary>
    public const int MaxBridges = 64;

    /// <summary>At most this many switch ports in a report, over all bridges.</summary>
    public const int MaxPorts = 10_000;

    /// <summary>At most this many rules, of both sides, travel in one report of traffic.</summary>
    public const int MaxRulesInReport = 2_000;

    /// <summary>At most this many logged connections travel in one report of traffic.</summary>
    public const int MaxConnectionsInReport = 1_000;

    /// <summary>The longest text of a human-readable detail, in characters. Senders cut what is longer.</summary>
    public const int MaxDetail = 4_000;

    /// <summary>The longest id of an update, in characters.</summary>
    public const int MaxUpdateId = 64;

    /// <summary>At most this many refused flows, unbound ports or warnings are named; the rest is only counted by the sender.</summary>
    public const int MaxNamed = 1_000;

    /// <summary>At most this many hashes prove how the audit log grew: enough for 2^63 records.</summary>
    public const int MaxProofHashes = 128;

    /// <summary>At most this many flows that drifted are named in a report; all are counted.</summary>
    public const int MaxDriftedFlows = 20;
}
