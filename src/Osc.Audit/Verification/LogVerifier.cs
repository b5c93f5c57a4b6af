using System.Globalization;
using Osc.Audit.Checkpoints;
using Osc.Audit.Merkle;

namespace Osc.Audit.Verification;

/// <summary>
/// Builds the tree of a log anew, from the records alone, and holds it against checkpoints that somebody kept. Nothing that came with the records is
/// believed: what stands for records that are not at hand counts only as far as it leads to the checkpoints' roots.
/// </summary>
/// <param name="held">The checkpoints, of any sizes.</param>
public sealed class LogVerifier(IReadOnlyList<Checkpoint> held)
{
    private readonly ILookup<long, Checkpoint> held = held.ToLookup(c => c.Size);
    private readonly long greatest = held.Count == 0 ? 0 : held.Max(c => c.Size);
    private readonly List<ConsistencyProof> continuations = [];
    private CompactTree tree = new();

    /// <summary>How many records were seen, or stood for.</summary>
    public long Size => tree.Size;

    public TreeHash Root => tree.Root;

    /// <summary>The records from the first on that are not at hand, but what stands for them.</summary>
    /// <param name="size">How many.</param>
    /// <param name="peaks">The peaks of their tree.</param>
    /// <returns>What is wrong; null if nothing is.</returns>
    public string? Skip(long size, IReadOnlyList<TreeHash> peaks)
    {
        if (tree.Size == size)
        {
            return tree.Peaks.SequenceEqual(peaks) ? null : $"what is said of records 1 to {Text(size)} is not what the records before say";
        }

        if (tree.Size > 0 || CompactTree.Resume(size, peaks) is not { } resumed)
        {
            return tree.Size > 0 ? $"records {Text(tree.Size + 1)} to {Text(size)} are missing" : $"{peaks.Count} hashes do not stand for {Text(size)} records";
        }

        tree = resumed;
        return Compare();
    }

    /// <summary>The next record.</summary>
    /// <returns>What is wrong; null if nothing is.</returns>
    public string? Take(VerifiedLine line)
    {
        if (line.Sequence != tree.Size + 1)
        {
            return $"record {Text(line.Sequence)} comes where {Text(tree.Size + 1)} should: records are missing, there twice or in another order";
        }

        tree.Append(line.Leaf);
        return held.Contains(tree.Size) ? Compare() : null;
    }

    /// <summary>How the tree of the records goes on to that of a checkpoint, where the records between are not at hand.</summary>
    public void Continue(ConsistencyProof proof) => continuations.Add(proof);

    /// <summary>There are no more records.</summary>
    /// <returns>What is wrong; null if nothing is.</returns>
    public string? End()
    {
        if (tree.Size == 0)
        {
            return Compare();
        }

        var later = held.Where(h => h.Key > tree.Size).SelectMany(h => h).FirstOrDefault(c => !continuations.Exists(p => p.OldSize == tree.Size && p.NewSize == c.Size && p.Proves(tree.Root, c.Root)));
        return later is null ? null
            : continuations.Exists(p => p.NewSize == later.Size) ? $"the records up to {Text(tree.Size)} are not those of the checkpoint of {Text(later.Size)}"
            : $"there are {Text(tree.Size)} records, and a checkpoint is of {Text(later.Size)}: records at the end are missing";
    }

    private string? Compare() =>
        held[tree.Size].FirstOrDefault(c => c.Root != tree.Root) is { } other
            ? $"the records up to {Text(tree.Size)} are not those of the checkpoint: the root of their tree is {tree.Root}, not {other.Root}"
            : tree.Size == 0 && greatest > 0 ? "there are no records" : null;

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}

/// <summary>What counts of a line of an export.</summary>
/// <param name="Sequence">The record's.</param>
/// <param name="Leaf">The hash of the record that the line says.</param>
public readonly record struct VerifiedLine(long Sequence, TreeHash Leaf)
{
    /// <param name="line">A record as <see cref="AuditJson"/> writes it.</param>
    /// <exception cref="System.Text.Json.JsonException">It is no such record.</exception>
    public static VerifiedLine Of(ReadOnlySpan<byte> line)
    {
        var record = AuditJson.Read(line);
        return new(record.Sequence, AuditLeaf.HashOf(record));
    }
}
