using System.Globalization;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Osc.Audit;
using Osc.Model;
using Osc.Model.Documents;
using Osc.Store.Access;
using Osc.Store.Emergencies;
using Osc.Store.Hosts;
using Osc.Store.Proposals;

namespace Osc.Store.Revisions;

/// <summary>Writes all parts of a commit but its audit records; the caller's transaction holds them together.</summary>
internal static class Committing
{
    /// <returns>The audit records, to be written in the same transaction.</returns>
    public static IReadOnlyList<AuditRecord> Write(SqliteConnection connection, Commit commit, RevisionInfo info)
    {
        RevisionTable.Append(connection, info);

        var records = new List<AuditRecord>(commit.Changes.Count + 1);
        foreach (var change in commit.Changes)
        {
            var before = DocumentTable.Apply(connection, change, info.Revision);
            records.Add(RecordOf(change, before, commit.Origin, info));
        }

        NumberingTable.Write(connection, info.Revision, commit.Numberings);
        NumberingTable.Forget(connection, commit.NumberingsSince);
        RolloutTable.Abandon(connection, commit.RemovedHosts);
        HostTable.Remove(connection, commit.RemovedHosts);
        NumberingTable.Remove(connection, commit.RemovedHosts);
        if (commit.Hosts.Count > 0)
        {
            HostTable.SetDesired(connection, commit.Hosts);
            RolloutTable.Begin(connection, info.Revision, commit.Hosts.Select(h => h.Host));
            records.Add(RolloutRecordOf(commit, info));
        }

        foreach (var policy in commit.Emergencies?.Policies ?? [])
        {
            EmergencyTable.Open(connection, policy, commit.Emergencies!.Expires, commit.Origin, info); // there are policies of it
            records.Add(RecordOf(AuditAction.EmergencyOpen, policy, commit, info) with { After = JsonSerializer.Serialize(new { expires = commit.Emergencies.Expires }) });
        }

        foreach (var gone in commit.Changes.Where(c => c.Json is null && c.Key.Kind == Kind.Policy && EmergencyTable.Close(connection, c.Key.QualifiedName, info.Time)))
        {
            records.Add(RecordOf(AuditAction.EmergencyClose, gone.Key.QualifiedName, commit, info));
        }

        if (commit.Proposal is { } proposal)
        {
            ProposalTable.SetApprovals(connection, proposal.Id, proposal.Approvals);
            ProposalTable.Close(connection, proposal.Id, ProposalState.Applied, proposal.By, info.Time, info.Revision);
            records.Add(Record(commit.Origin, info, AuditAction.ProposalApply) with { Kind = "Proposal", Name = proposal.Id.ToString(CultureInfo.InvariantCulture), After = JsonSerializer.Serialize(new { approvals = proposal.Approvals }) });
        }

        if (commit.Answer is { } answer)
        {
            AnswerTable.Insert(connection, answer, info.Time);
        }

        return records;
    }

    private static AuditRecord RecordOf(DocumentWrite change, string? before, Origin origin, RevisionInfo info) =>
        Record(origin, info, (before, change.Json) switch
        {
            (null, _) => AuditAction.DocumentCreate,
            (_, null) => AuditAction.DocumentDelete,
            _ => AuditAction.DocumentUpdate,
        }) with
        {
            Tenant = change.Key.Tenant.Value,
            Kind = change.Key.Kind.ToString(),
            Name = change.Key.Name.Value,
            Before = before,
            After = change.Json,
        };

    private static AuditRecord RecordOf(string action, QualifiedName policy, Commit commit, RevisionInfo info) =>
        Record(commit.Origin, info, action) with { Tenant = policy.Tenant.Value, Kind = nameof(Kind.Policy), Name = policy.Name.Value };

    private static AuditRecord RolloutRecordOf(Commit commit, RevisionInfo info) =>
        Record(commit.Origin, info, AuditAction.RolloutStart) with
        {
            After = JsonSerializer.Serialize(new { hosts = commit.Hosts.Select(h => h.Host.Value) }),
        };

    private static AuditRecord Record(Origin origin, RevisionInfo info, string action) => new()
    {
        Time = info.Time,
        Actor = origin.Actor,
        Address = origin.Address,
        RequestId = origin.RequestId,
        Reason = origin.Reason,
        Action = action,
        Revision = info.Revision,
        Outcome = AuditRecord.Ok,
    };
}
