using System.Collections.Immutable;

namespace Osc.Model.Health;

/// <summary>How much an alarm matters.</summary>
public enum AlarmSeverity
{
    /// <summary>To be known; nothing is wrong.</summary>
    Info,

    /// <summary>Policy is enforced, but somebody is cut off, or would be without protection.</summary>
    Warning,

    /// <summary>The host does not do what it should, or nobody knows whether it does: it is degraded or silent.</summary>
    Critical,
}

/// <summary>Who can tell that there is cause for an alarm.</summary>
public enum AlarmSource
{
    /// <summary>The host's agent, in its heartbeats.</summary>
    Agent,

    /// <summary>The controller, by comparing what it knows.</summary>
    Controller,
}

/// <summary>A kind of alarm.</summary>
/// <param name="Name">As the bus, the API, the metrics and the audit log write it.</param>
/// <param name="Meaning">For people: what is the case while the alarm stands.</param>
public sealed record AlarmKind(string Name, AlarmSeverity Severity, AlarmSource Source, string Meaning)
{
    public static readonly AlarmKind AgentSilent = new("agent-silent", AlarmSeverity.Critical, AlarmSource.Controller, "the agent missed three heartbeats");

    public static readonly AlarmKind SwitchAway = new("switch-away", AlarmSeverity.Critical, AlarmSource.Agent, "the agent cannot reach its switch, or one of its bridges");

    public static readonly AlarmKind BridgeMissing = new("bridge-missing", AlarmSeverity.Critical, AlarmSource.Agent, "the switch does not have a bridge that the Host document names");

    public static readonly AlarmKind UpcallsLost = new("upcalls-lost", AlarmSeverity.Critical, AlarmSource.Agent, "the switch loses the first packets of connections: half or more of those that its datapath asks about");

    public static readonly AlarmKind FlowsRefused = new("flows-refused", AlarmSeverity.Critical, AlarmSource.Agent, "the switch refuses flows that the agent holds");

    public static readonly AlarmKind UpdateRefused = new("update-refused", AlarmSeverity.Critical, AlarmSource.Controller, "the switch refused the newest flows; those before them are in force");

    public static readonly AlarmKind BreakGlass = new("break-glass", AlarmSeverity.Critical, AlarmSource.Controller, "an emergency policy that nobody has agreed to is in force for the host's workloads");

    public static readonly AlarmKind FlowsOverBudget = new("flows-over-budget", AlarmSeverity.Warning, AlarmSource.Controller, "the host should have more flows than maxFlowsPerHost");

    public static readonly AlarmKind NameContested = new("port-name-contested", AlarmSeverity.Warning, AlarmSource.Agent, "several ports of a bridge claim one name; it is bound to none of them");

    public static readonly AlarmKind NameOnTwoBridges = new("port-on-two-bridges", AlarmSeverity.Warning, AlarmSource.Agent, "ports of several bridges claim one name");

    public static readonly AlarmKind AddressContradicted = new("port-address-contradicted", AlarmSeverity.Warning, AlarmSource.Agent, "a port is said to have two MAC addresses; it is bound to neither");

    public static readonly AlarmKind OtherGuest = new("port-of-another-guest", AlarmSeverity.Warning, AlarmSource.Controller, "a port has another MAC address than the workload that a document attaches to it");

    public static readonly AlarmKind TwoWorkloads = new("port-of-two-workloads", AlarmSeverity.Warning, AlarmSource.Controller, "documents attach two workloads to one port");

    public static readonly AlarmKind BridgeNotSecure = new("bridge-not-secure", AlarmSeverity.Warning, AlarmSource.Agent, "a bridge is not fail_mode=secure: without flows it would forward everything");

    public static readonly AlarmKind OtherControl = new("bridge-under-other-control", AlarmSeverity.Warning, AlarmSource.Agent, "a bridge has OpenFlow controllers of its own, which may change its flows");

    public static readonly AlarmKind FlowsAhead = new("flows-ahead", AlarmSeverity.Warning, AlarmSource.Agent, "others' flows come before policy: what they match is theirs to decide");

    public static readonly AlarmKind FlowsContested = new("flows-contested", AlarmSeverity.Warning, AlarmSource.Agent, "somebody keeps changing a bridge's flows: the agent put them right three times or more in ten minutes");

    public static readonly AlarmKind HopDown = new("hop-down", AlarmSeverity.Warning, AlarmSource.Agent, "a port that leads to an appliance is down or missing: inspected connections stop or pass the appliance by, as its onFailure says");

    public static readonly AlarmKind GuestsUnseen = new("guests-unseen", AlarmSeverity.Warning, AlarmSource.Agent, "Xen's store is out of reach: changes of guests are not seen");

    public static readonly AlarmKind AuditRewritten = new("audit-rewritten", AlarmSeverity.Warning, AlarmSource.Agent, "the audit log is not one that grew from the log whose checkpoint the agent keeps: its history was changed");

    public static readonly AlarmKind CertificateEnds = new("certificate-ends", AlarmSeverity.Warning, AlarmSource.Agent, "less than a sixth is left of the time of the certificate by which the broker knows the agent, and it was not renewed");

    public static readonly AlarmKind PortsUnbound = new("ports-unbound", AlarmSeverity.Info, AlarmSource.Controller, "flows name ports that the switch does not have; they wait for them");

    /// <summary>Every kind that this version knows.</summary>
    public static readonly ImmutableArray<AlarmKind> All =
    [
        AgentSilent, SwitchAway, BridgeMissing, UpcallsLost, FlowsRefused, UpdateRefused, BreakGlass, FlowsOverBudget, NameContested, NameOnTwoBridges,
        AddressContradicted, OtherGuest, TwoWorkloads, BridgeNotSecure, OtherControl, FlowsAhead, FlowsContested, HopDown, GuestsUnseen, AuditRewritten, CertificateEnds, PortsUnbound,
    ];

    /// <summary>The kind of a name. What this version does not know is what a newer agent reports: a warning.</summary>
    public static AlarmKind Of(string name) =>
        All.FirstOrDefault(k => k.Name == name) ?? new(name, AlarmSeverity.Warning, AlarmSource.Agent, "reported by an agent that is newer than this program");
}
