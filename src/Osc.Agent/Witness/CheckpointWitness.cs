using System.Text;
using Osc.Agent.Desired;
using Osc.Agent.Logging;
using Osc.Audit.Checkpoints;
using Osc.Audit.Merkle;
using Osc.Bus;
using Osc.Model;
using Osc.Model.Health;

namespace Osc.Agent.Witness;

/// <summary>
/// Keeps the last checkpoint of the controller's audit log that the agent saw, on its disk, and takes a newer one only with the proof that the log
/// grew from there. Whoever rewrites the log, and even its key, would have to rewrite the disks of all hosts.
/// </summary>
/// <param name="directory">The agent's own.</param>
internal sealed class CheckpointWitness(string directory, IAgentLog log)
{
    private const string FileName = "checkpoint";

    /// <summary>So many answers in a row to an earlier hello are believed to be that.</summary>
    private const int MaxLate = 3;

    private readonly string file = Path.Combine(directory, FileName);
    private KeptCheckpoint? kept = Load(Path.Combine(directory, FileName), log);
    private string? contradiction;

    /// <summary>What was kept before, which the controller may still answer: by two hellos there come two answers.</summary>
    private long? sizeBefore;

    private int answersToBefore;

    /// <summary>The signed checkpoint; null for none.</summary>
    public string? Kept => kept?.Note;

    public ValueList<Fault> Faults => contradiction is null ? [] : [new(AlarmKind.AuditRewritten.Name, "", contradiction)];

    /// <summary>The controller says what its log is now.</summary>
    public void Take(AuditCheckpoint said)
    {
        if (Parse(said.Note) is not { } offered || Hashes(said.Proof) is not { } hashes)
        {
            log.Write(LogLevel.Warning, "what the controller says of its audit log is no checkpoint");
            return;
        }

        var isLate = kept is not null && said.From != kept.Checkpoint.Size && said.From == sizeBefore && ++answersToBefore <= MaxLate;
        if (offered.Note == kept?.Note || isLate)
        {
            // The next hello is answered from what is kept now.
            return;
        }

        answersToBefore = 0;

        contradiction = Compare(offered, said.From, hashes);
        if (contradiction is null && Save(offered))
        {
            sizeBefore = kept?.Checkpoint.Size ?? 0;
            kept = offered;
        }
    }

    private string? Compare(KeptCheckpoint offered, long from, ValueList<TreeHash> hashes)
    {
        if (kept is null)
        {
            return null;
        }

        var (old, fresh) = (kept.Checkpoint, offered.Checkpoint);
        return fresh.Origin != old.Origin ? $"the agent keeps a checkpoint of the audit log {old.Origin}, and the controller's is now {fresh.Origin}"
            : from == old.Size && new ConsistencyProof(old.Size, fresh.Size, hashes).Proves(old.Root, fresh.Root) ? null
            : $"the controller's audit log of {fresh.Size} records did not grow from the one of {old.Size} records whose checkpoint the agent keeps";
    }

    private bool Save(KeptCheckpoint offered)
    {
        try
        {
            DurableFile.Replace(file, stream => stream.Write(Encoding.UTF8.GetBytes(offered.Note)));
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            log.Write(LogLevel.Warning, "the checkpoint of the audit log cannot be kept", ("reason", e.Message));
            return false;
        }
    }

    private static KeptCheckpoint? Load(string file, IAgentLog log)
    {
        try
        {
            var kept = File.Exists(file) ? Parse(File.ReadAllText(file)) : null;
            if (kept is null && File.Exists(file))
            {
                log.Write(LogLevel.Warning, "the checkpoint of the audit log on the disk is none; the next one is taken as it comes", ("file", file));
            }

            return kept;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            log.Write(LogLevel.Warning, "the checkpoint of the audit log cannot be read", ("reason", e.Message));
            return null;
        }
    }

    private static KeptCheckpoint? Parse(string note) =>
        SignedNote.TryParse(note, out var signed) && Checkpoint.TryParse(signed.Text, out var checkpoint) ? new(note, checkpoint) : null;

    private static ValueList<TreeHash>? Hashes(IReadOnlyList<string> texts)
    {
        var hashes = texts.Select(t => TreeHash.TryParse(t, out var hash) ? hash : (TreeHash?)null).OfType<TreeHash>().ToValueList();
        return hashes.Count == texts.Count ? hashes : null;
    }

    private sealed record KeptCheckpoint(string Note, Checkpoint Checkpoint);
}
