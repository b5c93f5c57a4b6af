using System.Text;
using System.Text.Json;
using Osc.Audit;
using Osc.Audit.Checkpoints;
using Osc.Audit.Merkle;
using Osc.Audit.Verification;
using Osc.Controller.Configuration;
using Osc.Model;
using Xunit;

namespace Osc.Controller.Tests.Api;

public sealed class AuditProofTests(ShopFixture shop) : IClassFixture<ShopFixture>
{
    private readonly TestController controller = shop.Controller;

    [Fact]
    public async Task Checkpoint_is_signed_by_a_key_of_the_log_and_is_that_of_its_export()
    {
        var keys = await KeysAsync(controller);
        var checkpoint = await CheckpointAsync(controller, keys);
        var verifier = new LogVerifier([checkpoint]);
        foreach (var line in (await controller.GetAsync("/api/v1/audit?order=asc", accept: "application/x-ndjson")).Text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            Assert.Null(verifier.Take(VerifiedLine.Of(Encoding.UTF8.GetBytes(line))));
        }

        Assert.Null(verifier.End());
        Assert.True(checkpoint.Size > TestDocuments.ShopCount);
    }

    [Fact]
    public async Task Every_record_is_proven_to_be_in_every_tree_since()
    {
        var records = await RecordsAsync(controller);
        for (var size = 1; size <= records.Count; size++)
        {
            var root = RootOf(records.Take(size));
            for (var sequence = 1; sequence <= size; sequence++)
            {
                var answer = (await controller.GetAsync($"/api/v1/audit/proofs/inclusion?sequence={sequence}&size={size}")).Json;
                Assert.Equal(AuditLeaf.HashOf(records[sequence - 1]).ToString(), answer.GetProperty("leaf").GetString());
                Assert.True(new InclusionProof(sequence - 1, size, HashesOf(answer, "hashes")).Proves(AuditLeaf.HashOf(records[sequence - 1]), root));
            }
        }
    }

    [Fact]
    public async Task Log_is_proven_to_have_been_only_added_to()
    {
        var records = await RecordsAsync(controller);
        for (var from = 0; from <= records.Count; from++)
        {
            var answer = (await controller.GetAsync($"/api/v1/audit/proofs/consistency?from={from}&to={records.Count}", Role.Viewer)).Json;
            Assert.True(new ConsistencyProof(from, records.Count, HashesOf(answer, "hashes")).Proves(RootOf(records.Take(from)), RootOf(records)));
        }
    }

    [Fact]
    public async Task Peaks_stand_for_the_first_records()
    {
        var records = await RecordsAsync(controller);
        var verifier = new LogVerifier([new("osc", records.Count, RootOf(records))]);

        Assert.Null(verifier.Skip(5, HashesOf((await controller.GetAsync("/api/v1/audit/peaks?size=5")).Json, "peaks")));
        Assert.All(records.Skip(5), r => Assert.Null(verifier.Take(new(r.Sequence, AuditLeaf.HashOf(r)))));
        Assert.Null(verifier.End());
    }

    [Fact]
    public async Task Checkpoint_of_a_log_that_did_not_grow_is_the_same()
    {
        var first = await controller.GetAsync("/api/v1/audit/checkpoint", Role.Viewer);

        Assert.Equal(first.Text, (await controller.GetAsync("/api/v1/audit/checkpoint", Role.Viewer)).Text);
    }

    [Theory]
    [InlineData("proofs/inclusion", "sequence: it is missing; 1 to ")]
    [InlineData("proofs/inclusion?sequence=0", "sequence: '0' is not in range; 1 to ")]
    [InlineData("proofs/inclusion?sequence=5&size=4", "sequence: '5' is not in range; 1 to 4")]
    [InlineData("proofs/inclusion?sequence=1&size=1000", "size: '1000' is not in range; 1 to ")]
    [InlineData("proofs/consistency?from=5&to=4", "from: '5' is not in range; 0 to 4")]
    [InlineData("proofs/consistency?from=x", "from: 'x' is not in range; 0 to ")]
    [InlineData("peaks?size=-1", "size: '-1' is not in range; 0 to ")]
    public async Task Proof_of_what_is_not_there_is_refused(string question, string error)
    {
        var answer = await controller.GetAsync("/api/v1/audit/" + question);

        Assert.Equal(400, answer.Status);
        Assert.StartsWith(error, Assert.Single(answer.Errors), StringComparison.Ordinal);
    }

    internal static async Task<Checkpoint> CheckpointAsync(TestController controller, IReadOnlyList<PublicKey> keys)
    {
        var answer = (await controller.GetAsync("/api/v1/audit/checkpoint")).Json;
        Assert.True(SignedNote.TryParse(answer.GetProperty("note").GetString()!, out var note));
        Assert.True(note.IsSignedBy(keys));
        Assert.True(Checkpoint.TryParse(note.Text, out var checkpoint));
        Assert.Equal(
            (checkpoint.Origin, checkpoint.Size, checkpoint.Root.ToString()),
            (answer.GetProperty("origin").GetString(), answer.GetProperty("size").GetInt64(), answer.GetProperty("root").GetString()));
        return checkpoint;
    }

    internal static async Task<List<PublicKey>> KeysAsync(TestController controller) =>
        [.. (await controller.GetAsync("/api/v1/audit/keys")).Json.GetProperty("items").EnumerateArray().Select(k =>
        {
            Assert.True(PublicKey.TryParse(k.GetProperty("key").GetString()!, out var key));
            return key;
        })];

    private static async Task<List<AuditRecord>> RecordsAsync(TestController controller) =>
        [.. (await controller.GetAsync("/api/v1/audit?order=asc", accept: "application/x-ndjson")).Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => AuditJson.Read(Encoding.UTF8.GetBytes(l)))];

    private static TreeHash RootOf(IEnumerable<AuditRecord> records)
    {
        var tree = new CompactTree();
        foreach (var record in records)
        {
            tree.Append(AuditLeaf.HashOf(record));
        }

        return tree.Root;
    }

    private static ValueList<TreeHash> HashesOf(JsonElement answer, string field) =>
        answer.GetProperty(field).EnumerateArray().Select(h => TreeHash.TryParse(h.GetString(), out var hash) ? hash : throw new JsonException("no hash")).ToValueList();
}
