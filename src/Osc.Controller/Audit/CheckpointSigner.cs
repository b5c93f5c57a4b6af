using System.Text.Json;
using Osc.Audit;
using Osc.Audit.Checkpoints;
using Osc.Store;

namespace Osc.Controller.Audit;

/// <summary>A checkpoint, and the note that says so.</summary>
public sealed record SignedCheckpoint(Checkpoint Checkpoint, DateTimeOffset Time, string Note);

/// <summary>
/// Signs checkpoints of the audit log. Each is kept before it is given out, and none is signed that is not consistent with the one before: if the
/// log is no longer the one that was signed, that is for people to look at.
/// </summary>
public sealed class CheckpointSigner(PolicyStore store, KeyRing keys, TimeProvider time)
{
    private readonly Lock gate = new();
    private SignedCheckpoint? last;

    /// <summary>All keys of the log, the one that signs first.</summary>
    public KeyRing Keys => keys;

    /// <summary>Records in the log which keys there are, if another one signs than signed last: so the log itself vouches for each key after the first.</summary>
    public void RecordKeys()
    {
        if (store.FindLastCheckpoint() is not { } stored || (SignedNote.TryParse(stored.Note, out var note) && note.IsSignedBy([keys.Current.Public])))
        {
            return;
        }

        var known = store.EnumerateAudit(new() { Action = AuditAction.AuditKey, Ascending = true }).Select(r => r.After).ToHashSet();
        var records = keys.All.Reverse().Select(key => JsonSerializer.Serialize(new { key = key.ToString() })).Where(key => !known.Contains(key)).Select(key => new AuditRecord
        {
            Time = time.GetUtcNow(),
            Actor = Origin.Controller.Actor,
            Action = AuditAction.AuditKey,
            After = key,
            Outcome = AuditRecord.Ok,
        }).ToList();
        if (records.Count > 0)
        {
            store.AppendAudit(records);
        }
    }

    /// <summary>Of the log as it is.</summary>
    /// <exception cref="RewrittenLogException">The log is not the one that was signed before.</exception>
    /// <exception cref="StoreException">The store cannot be read or written.</exception>
    public SignedCheckpoint Current() => Recent(TimeSpan.Zero);

    /// <summary>Of the log as it is, or as it was not long ago.</summary>
    /// <param name="age">How old it may be.</param>
    /// <exception cref="RewrittenLogException">The log is not the one that was signed before.</exception>
    /// <exception cref="StoreException">The store cannot be read or written.</exception>
    public SignedCheckpoint Recent(TimeSpan age)
    {
        lock (gate)
        {
            var now = time.GetUtcNow();
            last ??= Recall();
            // One of later than now is of before the clock was set back, so nobody can tell how old it is.
            if (last is not null && age > TimeSpan.Zero && last.Time <= now && now - last.Time < age)
            {
                return last;
            }

            var tree = store.AuditTree;
            var size = tree.Size;
            if (last is not null && (size < last.Checkpoint.Size || tree.Root(last.Checkpoint.Size) != last.Checkpoint.Root))
            {
                throw new RewrittenLogException(last.Checkpoint, size);
            }

            if (last?.Checkpoint.Size != size)
            {
                var checkpoint = new Checkpoint(keys.Origin, size, tree.Root(size));
                var signed = new SignedCheckpoint(checkpoint, now, keys.Sign(checkpoint).ToString());
                store.AppendCheckpoint(new(now, size, signed.Note));
                last = signed;
            }

            return last;
        }
    }

    /// <summary>What was signed before this process began. One that another key signed is not given out again, but the log has to agree with it.</summary>
    private SignedCheckpoint? Recall()
    {
        if (store.FindLastCheckpoint() is not { } stored)
        {
            return null;
        }

        if (!SignedNote.TryParse(stored.Note, out var note) || !Checkpoint.TryParse(note.Text, out var checkpoint))
        {
            throw new StoreException(StoreFault.Corrupt, store.Path, "is damaged (its last checkpoint is none): restore it from a backup");
        }

        var tree = store.AuditTree;
        return note.IsSignedBy([keys.Current.Public]) ? new(checkpoint, stored.Time, stored.Note)
            : tree.Size >= checkpoint.Size && tree.Root(checkpoint.Size) == checkpoint.Root ? null
            : throw new RewrittenLogException(checkpoint, tree.Size);
    }
}

/// <summary>The audit log is not the one of a checkpoint that was signed.</summary>
public sealed class RewrittenLogException(Checkpoint signed, long size) : Exception(
    size < signed.Size
        ? $"the audit log has {size} records, and a checkpoint of {signed.Size} was signed: records were taken away"
        : $"the audit log up to record {signed.Size} is not the one that was signed: records were changed");
