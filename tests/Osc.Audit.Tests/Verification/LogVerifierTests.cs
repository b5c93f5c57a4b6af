using System.Text;
using System.Text.Json;
using Osc.Audit.Checkpoints;
using Osc.Audit.Merkle;
using Osc.Audit.Tests.Merkle;
using Osc.Audit.Verification;
using Xunit;

namespace Osc.Audit.Tests.Verification;

public sealed class LogVerifierTests
{
    private static readonly List<AuditRecord> Log = [.. Enumerable.Range(1, 11).Select(n => Records.Full with { Sequence = n, Reason = $"ticket {n}" })];

    private static readonly KeptTree Tree = KeptTree.Of([.. Log.Select(AuditLeaf.Encode)]);

    [Theory]
    [InlineData(11)]
    [InlineData(7)]
    [InlineData(0)]
    public void Log_that_grew_from_a_checkpoint_is_good(int size) => Assert.Null(Verify(Log, Held(size)));

    [Fact]
    public void Log_is_held_against_every_checkpoint()
    {
        Assert.Null(Verify(Log, Held(3), Held(11), Held(3)));
        Assert.Contains("records up to 3 are not those of the checkpoint", Verify(Log, Held(11), Held(3) with { Root = TreeHash.Empty }), StringComparison.Ordinal);
    }

    [Fact]
    public void Records_that_are_missing_twice_or_elsewhere_are_found()
    {
        Assert.Contains("record 6 comes where 5 should", Verify([.. Log.Take(4), .. Log.Skip(5)], Held(11)), StringComparison.Ordinal);
        Assert.Contains("record 4 comes where 5 should", Verify([.. Log.Take(4), .. Log.Skip(3)], Held(11)), StringComparison.Ordinal);
        Assert.Contains("there are 9 records, and a checkpoint is of 11", Verify(Log[..9], Held(11)), StringComparison.Ordinal);
        Assert.Equal("there are no records", Verify([], Held(11)));
    }

    [Fact]
    public void Rewritten_records_are_found_also_with_sequence_numbers_that_fit()
    {
        List<AuditRecord> shortened = [.. Log.Where(r => r.Sequence != 5).Append(Log[4]).Select((r, i) => r with { Sequence = i + 1 })];
        List<AuditRecord> edited = [.. Log.Select(r => r.Sequence == 5 ? r with { Actor = "eve" } : r)];

        Assert.Contains("not those of the checkpoint", Verify(shortened, Held(11)), StringComparison.Ordinal);
        Assert.Contains("not those of the checkpoint", Verify(edited, Held(11)), StringComparison.Ordinal);
        Assert.Contains("not those of the checkpoint", Verify(edited, Held(5)), StringComparison.Ordinal);
        Assert.Null(Verify(edited, Held(4))); // what came after a checkpoint is covered by the next one
    }

    [Fact]
    public void Peaks_stand_for_records_that_are_not_at_hand()
    {
        var verifier = new LogVerifier([Held(11)]);

        Assert.Null(verifier.Skip(6, Tree.Tree.Peaks(6)));
        Assert.All(Log[6..], r => Assert.Null(verifier.Take(LineOf(r))));
        Assert.Null(verifier.End());
        Assert.Equal((11, Held(11).Root), (verifier.Size, verifier.Root));
    }

    [Fact]
    public void Peaks_that_stand_for_something_else_are_found()
    {
        var wrong = new LogVerifier([Held(11)]);
        Assert.Null(wrong.Skip(6, [.. Tree.Tree.Peaks(6).Reverse()]));
        Assert.Contains("not those of the checkpoint", Log[6..].Select(r => wrong.Take(LineOf(r))).ToList()[^1], StringComparison.Ordinal);

        Assert.Equal("3 hashes do not stand for 6 records", new LogVerifier([]).Skip(6, Tree.Tree.Peaks(7)));
        Assert.Contains("not those of the checkpoint", new LogVerifier([Held(6)]).Skip(6, [.. Tree.Tree.Peaks(6).Reverse()]), StringComparison.Ordinal);

        var after = new LogVerifier([]);
        Log[..4].ForEach(r => Assert.Null(after.Take(LineOf(r))));
        Assert.Equal("records 5 to 6 are missing", after.Skip(6, Tree.Tree.Peaks(6)));
        Assert.Null(after.Skip(4, Tree.Tree.Peaks(4)));
        Assert.Contains("is not what the records before say", after.Skip(4, Tree.Tree.Peaks(6)), StringComparison.Ordinal);
    }

    private static Checkpoint Held(int size) => new("osc.example/log", size, Tree.Tree.Root(size));

    private static string? Verify(IEnumerable<AuditRecord> log, params Checkpoint[] held)
    {
        var verifier = new LogVerifier(held);
        return log.Select(r => verifier.Take(LineOf(r))).FirstOrDefault(e => e is not null) ?? verifier.End();
    }

    private static VerifiedLine LineOf(AuditRecord record)
    {
        using var line = new MemoryStream();
        using (var json = new Utf8JsonWriter(line))
        {
            AuditJson.Write(json, record);
        }

        var read = VerifiedLine.Of(line.ToArray());
        Assert.Equal(AuditLeaf.HashOf(record), read.Leaf);
        Assert.Throws<JsonException>(() => VerifiedLine.Of(Encoding.UTF8.GetBytes("{}")));
        return read;
    }
}
