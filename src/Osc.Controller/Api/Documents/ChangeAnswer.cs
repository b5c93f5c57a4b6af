using System.Text.Json.Serialization;
using Osc.Controller.Api.Security;
using Osc.Controller.Loop;
using Osc.Policy.Planning;

namespace Osc.Controller.Api.Documents;

/// <summary>What a change did, or would do.</summary>
/// <param name="Revision">The revision with the change; the current one if nothing changes.</param>
/// <param name="DryRun">Whether nothing was changed in truth.</param>
/// <param name="Changes">Every document that the request names.</param>
/// <param name="Hosts">The hosts whose flows change.</param>
public sealed record ChangeAnswer(long Revision, bool DryRun, IReadOnlyList<DocumentChangeAnswer> Changes, IReadOnlyList<HostChangeAnswer> Hosts)
{
    /// <summary>What that means for connections, assertions and rules; only where nothing was changed in truth.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public PlanEffects? Effects { get; init; }

    /// <param name="confinement">Leaves out hosts that the reader may not read.</param>
    public static ChangeAnswer Of(Plan plan, bool dryRun, Confinement confinement) => new(
        plan.After.Revision.Number,
        dryRun,
        [.. plan.Documents.Select(s => new DocumentChangeAnswer(s.Key.ToString(), s.Kind))],
        [.. plan.Hosts.Where(h => confinement.ShowsHost(plan.After.State.Host(h.Host))).Select(h => new HostChangeAnswer(h.Host.Value, h.Added, h.Removed, h.After.Flows))]);
}

/// <param name="Document">"tenant/Kind/name".</param>
public sealed record DocumentChangeAnswer(string Document, StepKind Change);

/// <param name="Added">Flows that the host gets.</param>
/// <param name="Removed">Flows that the host loses; a flow that changes counts in both.</param>
/// <param name="Flows">Flows that the host has then.</param>
public sealed record HostChangeAnswer(string Host, int Added, int Removed, int Flows);
