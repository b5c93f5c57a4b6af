using Osc.Agent.Witness;
using Osc.Audit.Checkpoints;
using Osc.Audit.Merkle;
using Osc.Bus;
using Xunit;

namespace Osc.Agent.Tests.Witness;

public sealed class CheckpointWitnessTests : IDisposable
{
    private static readonly KeyRing Keys = KeyRing.Create("osc/log");

    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("osc-agent-");
    private readonly MemoryLog log = new();
    private readonly Log records = new(seed: 1);

    public void Dispose() => directory.Delete(recursive: true);

    [Fact]
    public void First_checkpoint_is_kept_as_it_comes_and_survives_a_restart()
    {
        var witness = Witness();
        Assert.Null(witness.Kept);

        var first = records.Said(0, 5);
        witness.Take(first);

        Assert.Equal(first.Note, witness.Kept);
        Assert.Equal(first.Note, Witness().Kept);
        Assert.Empty(witness.Faults);
    }

    [Fact]
    public void Log_that_grew_is_followed()
    {
        var witness = Witness();
        foreach (var (from, to) in new[] { (0, 5), (5, 6), (6, 6), (6, 17), (17, 40) })
        {
            witness.Take(records.Said(from, to));
            Assert.Equal(records.Said(0, to).Note.Split('\n')[..3], witness.Kept!.Split('\n')[..3]);
        }

        Assert.Empty(witness.Faults);
    }

    [Fact]
    public void Rewritten_log_is_a_fault_until_the_true_one_is_back_and_what_is_kept_stays()
    {
        var witness = Witness();
        var kept = records.Said(0, 9);
        witness.Take(kept);
        var rewritten = new Log(seed: 2);
        foreach (var lie in new[] { rewritten.Said(9, 20), rewritten.Said(9, 9), rewritten.Said(9, 20) with { Proof = [] }, records.Said(9, 20) with { Proof = rewritten.Said(9, 20).Proof }, records.Said(9, 20) with { Note = KeyRing.Create("osc/other").Sign(new("osc/other", 20, TreeHash.Empty)).ToString() } })
        {
            witness.Take(lie);
            Assert.Equal("audit-rewritten", Assert.Single(witness.Faults).Kind);
            Assert.Equal(kept.Note, witness.Kept);
        }

        Assert.Equal(kept.Note, Witness().Kept);
        witness.Take(records.Said(9, 20));
        Assert.Empty(witness.Faults);
    }

    [Fact]
    public void Log_that_shrank_is_a_fault()
    {
        var witness = Witness();
        witness.Take(records.Said(0, 9));
        witness.Take(records.Said(0, 20) with { From = 9, Proof = records.Said(9, 20).Proof });
        witness.Take(records.Said(0, 10) with { From = 20 });

        Assert.Contains("of 10 records did not grow from the one of 20 records", Assert.Single(witness.Faults).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Late_answer_to_an_earlier_hello_is_no_fault_but_one_for_ever_is()
    {
        var witness = Witness();
        witness.Take(records.Said(0, 5));
        witness.Take(records.Said(5, 10));
        for (var i = 0; i < 3; i++)
        {
            witness.Take(records.Said(5, 12));
            Assert.Empty(witness.Faults);
        }

        witness.Take(records.Said(5, 12));
        Assert.Single(witness.Faults);
        Assert.Contains("\n10\n", witness.Kept!, StringComparison.Ordinal);
    }

    [Fact]
    public void Nonsense_changes_nothing()
    {
        var witness = Witness();
        witness.Take(records.Said(0, 5));
        witness.Take(new("nonsense", 5, []));
        witness.Take(records.Said(5, 6) with { Proof = ["nonsense"] });

        Assert.Equal(records.Said(0, 5).Note.Split('\n')[1], witness.Kept!.Split('\n')[1]);
        Assert.Empty(witness.Faults);
        Assert.Equal(2, log.Lines.Count);
    }

    [Fact]
    public void Damaged_file_is_said_and_the_next_checkpoint_taken()
    {
        File.WriteAllText(Path.Combine(directory.FullName, "checkpoint"), "damaged");

        var witness = Witness();

        Assert.Null(witness.Kept);
        Assert.Contains("is none", Assert.Single(log.Lines), StringComparison.Ordinal);
        witness.Take(records.Said(0, 5));
        Assert.NotNull(Witness().Kept);
    }

    [Fact]
    public void What_the_disk_does_not_take_is_not_said_to_be_kept()
    {
        var witness = new CheckpointWitness(Path.Combine(directory.FullName, "missing"), log);

        witness.Take(records.Said(0, 5));

        Assert.Null(witness.Kept);
        Assert.Contains("cannot be kept", Assert.Single(log.Lines), StringComparison.Ordinal);
    }

    private CheckpointWitness Witness() => new(directory.FullName, log);

    /// <summary>A log of random records, and what a controller says of it.</summary>
    private sealed class Log
    {
        private readonly IReadOnlyList<TreeHash> nodes;

        public Log(int seed)
        {
            var random = new Random(seed);
            nodes = TreeGrowth.Append(0, [.. Enumerable.Range(0, 50).Select(_ => TreeHash.OfLeaf(BitConverter.GetBytes(random.Next())))], _ => throw new InvalidOperationException("a tree without nodes"));
        }

        public AuditCheckpoint Said(int from, int to)
        {
            var tree = new MerkleTree(node => nodes[(int)node.Number]);
            return new(Keys.Sign(new(Keys.Origin, to, tree.Root(to))).ToString(), from, [.. tree.ProveConsistency(Math.Min(from, to), to).Hashes.Select(h => h.ToString())]);
        }
    }
}
