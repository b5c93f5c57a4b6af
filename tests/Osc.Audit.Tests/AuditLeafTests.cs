using CsCheck;
using Osc.Audit.Merkle;
using Osc.Model;
using Xunit;

namespace Osc.Audit.Tests;

public sealed class AuditLeafTests
{
    // Made by another program from the layout in AuditLeaf's docstring. When this fails, the hashes in every installation are void.
    private const string LeafOfFull =
        "01" + "0000000000000007" + "00065f3630fe8600" + "000000000000002a" +
        "00000005616c696365" + "000000093139322e302e322e37" + "00000003722d31" + "0000000f646f63756d656e742e757064617465" +
        "0000000473686f70" + "00000006506f6c696379" + "0000000873686f702d617070" + "000000097469636b6574203432" + "000000026f6b" +
        "01" + "000000077b2261223a317d" + "01" + "0000000a7b2261223a22c3a9227d";

    private const string HashOfFull = "59b804761a807aa146a88b0d4b1ec77966967d2b23b139f1ef1bac8fdaf02a3a";

    [Fact]
    public void Leaf_of_a_record_is_these_bytes_for_ever() => Assert.Equal(LeafOfFull, Convert.ToHexStringLower(AuditLeaf.Encode(Records.Full)));

    [Fact]
    public void Hash_of_a_record_is_that_of_its_leaf() => Assert.Equal(HashOfFull, Convert.ToHexStringLower(AuditLeaf.HashOf(Records.Full).ToBytes()));

    [Fact]
    public void Hash_of_an_empty_leaf_is_that_of_certificate_transparency() =>
        Assert.Equal("6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d", Convert.ToHexStringLower(TreeHash.OfLeaf([]).ToBytes()));

    [Fact]
    public void Leaf_holds_the_whole_record() => Records.Any.Sample(record => LeafReader.Read(AuditLeaf.Encode(record)) == record);

    [Fact]
    public void Leaves_of_different_records_differ() =>
        Gen.Select(Records.Any, Records.Any).Sample((a, b) => AuditLeaf.Encode(a).AsSpan().SequenceEqual(AuditLeaf.Encode(b)) == (a == b));

    [Fact]
    public void Every_field_changes_the_leaf()
    {
        var full = Records.Full;
        AuditRecord[] changed =
        [
            full with { Sequence = 8 },
            full with { Time = full.Time.AddMicroseconds(1) },
            full with { Actor = "bob" },
            full with { Address = "" },
            full with { RequestId = "" },
            full with { Action = AuditAction.DocumentCreate },
            full with { Tenant = "" },
            full with { Kind = "" },
            full with { Name = "" },
            full with { Before = null },
            full with { After = null },
            full with { Revision = new Revision(43) },
            full with { Reason = "" },
            full with { Outcome = "" },
        ];

        // One change for each property: a property that is added later must come here, and into the leaf.
        Assert.Equal(typeof(AuditRecord).GetProperties().Count(p => p.CanWrite), changed.Length);
        Assert.Equal(changed.Length + 1, changed.Append(full).Select(AuditLeaf.HashOf).Distinct().Count());
    }
}
