using System.Text.Json;
using Microsoft.Data.Sqlite;
using Osc.Audit;
using Osc.Model.Documents;
using Osc.Model.Health;
using Osc.Store.AuditLog;

namespace Osc.Store.Alarms;

/// <summary>Writes what becomes of alarms: the alarm's row and, where one is raised or cleared, its audit record.</summary>
internal static class AlarmSteps
{
    public static void Write(SqliteConnection connection, IReadOnlyList<AlarmChange> changes, DateTimeOffset time)
    {
        var records = new List<AuditRecord>(changes.Count);
        foreach (var change in changes)
        {
            switch (change)
            {
                case AlarmChange.Raise raise:
                    AlarmTable.Insert(connection, raise, time);
                    records.Add(Record(raise.Key, AuditAction.AlarmRaise, time, raise.Severity, raise.Detail, null));
                    break;
                case AlarmChange.Reword reword:
                    AlarmTable.SetDetail(connection, reword);
                    break;
                case AlarmChange.Clear clear when AlarmTable.Find(connection, clear.Key) is { } alarm:
                    AlarmTable.SetCleared(connection, clear, time);
                    records.Add(Record(clear.Key, AuditAction.AlarmClear, time, alarm.Severity, alarm.Detail, alarm.Raised));
                    break;
                case AlarmChange.Clear:
                    break;
                default:
                    throw new InvalidOperationException($"no such change: {change}");
            }
        }

        AuditTable.Append(connection, records);
    }

    private static AuditRecord Record(AlarmKey key, string action, DateTimeOffset time, AlarmSeverity severity, string detail, DateTimeOffset? since) => new()
    {
        Time = time,
        Actor = (AlarmKind.Of(key.Kind).Source == AlarmSource.Agent ? Origin.Agent(key.Host) : Origin.Controller).Actor,
        Action = action,
        Kind = nameof(Kind.Host),
        Name = key.Host.Value,
        After = JsonSerializer.Serialize(new { kind = key.Kind, subject = key.Subject, severity = AlarmTable.Word(severity), detail, since }),
        Outcome = AuditRecord.Ok,
    };
}
