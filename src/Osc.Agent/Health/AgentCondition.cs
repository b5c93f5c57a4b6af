using Osc.Agent.Apply;
using Osc.Agent.Enrolment;
using Osc.Agent.Witness;
using Osc.Bus;
using Osc.Model;
using Osc.Model.Health;

namespace Osc.Agent.Health;

/// <summary>What the agent says of its own health, from what its parts know now.</summary>
/// <param name="witness">What it knows of the audit log.</param>
/// <param name="certificate">What it knows of its own certificate; null: it has none.</param>
/// <param name="heartbeat">How often it says hello unasked.</param>
internal sealed class AgentCondition(Enforcer enforcer, UpcallWatch upcalls, RepairWatch repairs, CheckpointWitness witness, CertificateKeeper? certificate, TimeSpan heartbeat)
{
    /// <summary>Everything that is wrong now.</summary>
    public ValueList<Fault> Faults => enforcer.Faults.Concat(upcalls.Faults).Concat(repairs.Faults).Concat(witness.Faults).Concat(certificate?.Faults ?? []).ToValueList();

    /// <summary>The checkpoint of the audit log that is kept; null for none.</summary>
    public string? Checkpoint => witness.Kept;

    public HostState State => HostHealth.Of(new(
        AgentContact.Heard,
        enforcer.Switch,
        enforcer.Flows,
        Faults.Any(f => AlarmKind.Of(f.Kind).Severity == AlarmSeverity.Critical)));

    public AgentHealth Report() => new(
        State.ToString().ToLowerInvariant(),
        (int)Math.Max(1, heartbeat.TotalSeconds),
        enforcer.Held?.Count ?? 0,
        enforcer.Inventory?.Bridges.Sum(b => b.Ports.Count) ?? 0,
        Faults,
        [.. upcalls.Counters.Select(c => new DatapathCounts(c.Name, c.Hit, c.Missed, c.Lost))]);
}
