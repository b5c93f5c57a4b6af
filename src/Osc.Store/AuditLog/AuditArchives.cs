using Dapper;
using Microsoft.Data.Sqlite;
using Osc.Audit;
using Osc.Store.Files;

namespace Osc.Store.AuditLog;

/// <summary>A file with records that were in the log.</summary>
/// <param name="Last">The last record's sequence number.</param>
/// <param name="Time">When it was made.</param>
/// <param name="File">Its name.</param>
/// <param name="Sha256">Of the whole file, in hexadecimal.</param>
/// <param name="Bytes">Its length.</param>
public sealed record AuditArchive(long First, long Last, DateTimeOffset Time, string File, string Sha256, long Bytes);

/// <summary>Records that are in files and not in the log any more. What the log's tree proves goes on holding for them, since their hashes stay.</summary>
public sealed class AuditArchives
{
    /// <summary>So many records are dropped in one transaction: some ten milliseconds, for which others wait.</summary>
    private const int Batch = 250;

    private readonly Database database;

    internal AuditArchives(Database database) => this.database = database;

    /// <summary>The last record that is archived; 0 for none.</summary>
    public long Last => database.Read(ReadLast);

    /// <summary>All archives, the oldest records first.</summary>
    public IReadOnlyList<AuditArchive> Read() => database.Read(connection => connection
        .Query<(long First, long Last, long Time, string File, string Sha256, long Bytes)>("select first, last, time, file, sha256, bytes from audit_archive order by first")
        .Select(row => new AuditArchive(row.First, row.Last, StoredTime.To(row.Time), row.File, row.Sha256, row.Bytes)).ToList());

    /// <summary>
    /// How far archives may go: to the last record that is old, before the first one that is not. A record of later than now, made while the clock was wrong, is
    /// neither: it is archived with the next old one, and holds none up. The log's last record is never archived.
    /// </summary>
    /// <param name="olderThan">Records from before this time are old.</param>
    public long FindEnd(DateTimeOffset olderThan, DateTimeOffset now) => database.Read(connection =>
    {
        var last = ReadLast(connection);
        var kept = connection.QuerySingleOrDefault<long?>(
            "select sequence from audit where sequence > @last and time between @time and @now order by sequence limit 1",
            new { last, time = StoredTime.From(olderThan), now = StoredTime.From(now) }) ?? AuditTable.LastSequence(connection);
        return connection.QuerySingleOrDefault<long?>(
            "select sequence from audit where sequence > @last and sequence < @kept and time < @time order by sequence desc limit 1",
            new { last, kept, time = StoredTime.From(olderThan) }) ?? last;
    });

    /// <summary>Notes an archive whose file is on the disk, together with the record of it. From then on its records may be dropped.</summary>
    public void Append(AuditArchive archive, AuditRecord record) => database.Write(connection =>
    {
        connection.Execute(
            "insert into audit_archive (first, last, time, file, sha256, bytes) values (@First, @Last, @time, @File, @Sha256, @Bytes)",
            new { archive.First, archive.Last, time = StoredTime.From(archive.Time), archive.File, archive.Sha256, archive.Bytes });
        return AuditTable.Append(connection, [record]);
    });

    /// <summary>Drops some records that are archived, and what the text index has of them.</summary>
    /// <returns>Whether there may be more.</returns>
    public bool Drop() => database.Write(connection =>
    {
        // What was never indexed cannot be taken out of the index.
        while (TextIndex.LastIndexed(connection) < ReadLast(connection))
        {
            TextIndex.Extend(connection);
        }

        return connection.Execute(
            "delete from audit where sequence in (select sequence from audit where sequence <= @last order by sequence limit @Batch)",
            new { last = ReadLast(connection), Batch }) == Batch;
    });

    private static long ReadLast(SqliteConnection connection) => connection.QuerySingle<long>("select coalesce(max(last), 0) from audit_archive");
}
