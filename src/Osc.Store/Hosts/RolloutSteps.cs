using System.Text.Json;
using Microsoft.Data.Sqlite;
using Osc.Audit;
using Osc.Model.Documents;
using Osc.Store.AuditLog;

namespace Osc.Store.Hosts;

/// <summary>Writes steps of rollouts: the rollout's row, the host's row and, for an agent's answer, its audit record.</summary>
internal static class RolloutSteps
{
    public static void Write(SqliteConnection connection, IReadOnlyList<RolloutStep> steps, DateTimeOffset time)
    {
        var records = new List<AuditRecord>(steps.Count);
        foreach (var step in steps)
        {
            switch (step)
            {
                case RolloutStep.Sent sent:
                    RolloutTable.SetSent(connection, sent, time);
                    break;
                case RolloutStep.Acked acked:
                    RolloutTable.SetAcked(connection, acked, time);
                    HostTable.SetAcked(connection, acked, time);
                    records.Add(RecordOf(acked, time));
                    break;
                case RolloutStep.Refused refused:
                    RolloutTable.SetRefused(connection, refused);
                    HostTable.SetError(connection, refused);
                    records.Add(Record(refused, time, AuditAction.RolloutRefused, refused.Error));
                    break;
                default:
                    throw new InvalidOperationException($"no such step: {step}");
            }
        }

        AuditTable.Append(connection, records);
    }

    private static AuditRecord RecordOf(RolloutStep.Acked step, DateTimeOffset time) =>
        Record(step, time, AuditAction.RolloutAck, AuditRecord.Ok) with
        {
            After = JsonSerializer.Serialize(new { digest = step.Digest, flows = step.Flows, milliseconds = step.Milliseconds }),
        };

    private static AuditRecord Record(RolloutStep step, DateTimeOffset time, string action, string outcome) => new()
    {
        Time = time,
        Actor = Origin.Agent(step.Host).Actor,
        Action = action,
        Kind = nameof(Kind.Host),
        Name = step.Host.Value,
        Revision = step.Revision,
        Outcome = outcome,
    };
}
