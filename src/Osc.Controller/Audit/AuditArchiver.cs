using System.Text.Json;
using Osc.Audit;
using Osc.Audit.Verification;
using Osc.Controller.Configuration;
using Osc.Store;

namespace Osc.Controller.Audit;

/// <summary>
/// Moves records that are older than the configuration keeps them out of the store, into files, once a day and at every start. A record leaves the store only
/// when the file that has it was read back from the disk and is what the log's tree says.
/// </summary>
public sealed partial class AuditArchiver(PolicyStore store, CheckpointSigner signer, ControllerOptions options, TimeProvider time, ILogger<AuditArchiver> log) : BackgroundService
{
    /// <summary>So many records in one file, at most.</summary>
    public const int MaxRecords = 500_000;

    private static readonly TimeSpan Interval = TimeSpan.FromDays(1);

    /// <summary>Where the files are unless the configuration says otherwise.</summary>
    public static string DirectoryBeside(string store) => store + ".audit-archive";

    /// <summary>Archives all that is due.</summary>
    /// <param name="age">Records have to be older.</param>
    /// <exception cref="StoreException">The store cannot be read or written.</exception>
    /// <exception cref="RewrittenLogException">The log is not the one that was signed: nothing is archived.</exception>
    /// <exception cref="IOException">A file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The directory may not be written.</exception>
    public void Archive(TimeSpan age, CancellationToken cancellation)
    {
        var directory = options.AuditArchive ?? DirectoryBeside(store.Path);
        var now = time.GetUtcNow();
        var end = store.AuditArchives.FindEnd(now - age, now);
        while (!cancellation.IsCancellationRequested && store.AuditArchives.Last < end)
        {
            ArchiveNext(directory, end);
        }

        // Also what was left when an earlier process ended.
        while (!cancellation.IsCancellationRequested && store.AuditArchives.Drop())
        {
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.AuditKeep is not { } age)
        {
            return;
        }

        await Task.Yield();
        using var timer = new PeriodicTimer(Interval, time);
        do
        {
            try
            {
                Archive(age, stoppingToken);
            }
            catch (Exception e) when (e is StoreException or RewrittenLogException or IOException or UnauthorizedAccessException)
            {
                LogNotArchived(e.Message);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private void ArchiveNext(string directory, long end)
    {
        var first = store.AuditArchives.Last + 1;
        var last = Math.Min(end, first + MaxRecords - 1);
        var (signed, tree) = (signer.Current(), store.AuditTree);
        var header = new ArchiveHeader(first, last, tree.Peaks(first - 1), signed.Note, tree.ProveConsistency(last, signed.Checkpoint.Size));
        var records = store.EnumerateAudit(new() { Ascending = true, Cursor = first - 1 }).TakeWhile(r => r.Sequence <= last);
        Directory.CreateDirectory(directory);
        var name = ArchiveFile.NameOf(header);
        var (sha256, bytes) = ArchiveFile.Write(Path.Combine(directory, name), header, records);
        store.AuditArchives.Append(new(first, last, time.GetUtcNow(), name, sha256, bytes), new()
        {
            Time = time.GetUtcNow(),
            Actor = Origin.Controller.Actor,
            Action = AuditAction.AuditArchive,
            After = JsonSerializer.Serialize(new { first, last, file = name, sha256, bytes }),
            Outcome = AuditRecord.Ok,
        });
        LogArchived(first, last, name);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "audit records {First} to {Last} are archived in {File}")]
    private partial void LogArchived(long first, long last, string file);

    [LoggerMessage(Level = LogLevel.Error, Message = "audit records whose time is over are not archived: {Reason}")]
    private partial void LogNotArchived(string reason);
}
