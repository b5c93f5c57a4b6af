using Dapper;
using Microsoft.Data.Sqlite;
using Osc.Store.Files;

namespace Osc.Store.AuditLog;

/// <summary>A checkpoint that was signed.</summary>
/// <param name="Size">How many records it is of.</param>
/// <param name="Note">As it was signed.</param>
public sealed record StoredCheckpoint(DateTimeOffset Time, long Size, string Note);

/// <summary>Checkpoints that were signed, in the order in which they were.</summary>
internal static class CheckpointTable
{
    public static void Append(SqliteConnection connection, StoredCheckpoint checkpoint) => connection.Execute(
        "insert into audit_checkpoint (time, size, note) values (@Time, @Size, @Note)", new { Time = StoredTime.From(checkpoint.Time), checkpoint.Size, checkpoint.Note });

    /// <returns>null if none was signed yet.</returns>
    public static StoredCheckpoint? Last(SqliteConnection connection) =>
        connection.Query<(long Time, long Size, string Note)>("select time, size, note from audit_checkpoint order by number desc limit 1")
            .Select(row => new StoredCheckpoint(StoredTime.To(row.Time), row.Size, row.Note)).FirstOrDefault();
}
