using CsCheck;
using Osc.Audit.Merkle;
using Osc.Model;
using Xunit;

namespace Osc.Audit.Tests.Merkle;

public sealed class MerkleTreeTests
{
    /// <summary>The leaves and roots that implementations of certificate transparency (RFC 6962) are tried with.</summary>
    private static readonly string[] KnownLeaves = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];

    private static readonly string[] KnownRoots =
    [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];

    private static readonly Gen<byte[][]> Leaves = Gen.Byte.Array[0, 3].Array[1, 70];

    [Fact]
    public void Roots_are_those_of_certificate_transparency()
    {
        var leaves = KnownLeaves.Select(Convert.FromHexString).ToArray();
        var kept = KeptTree.Of(leaves);

        Assert.Equal(KnownRoots, Enumerable.Range(0, 9).Select(n => Convert.ToHexStringLower(kept.Tree.Root(n).ToBytes())));
    }

    [Fact]
    public void Root_of_every_size_is_that_of_the_definition() => Leaves.Sample(leaves =>
    {
        var kept = KeptTree.Of(leaves);
        var compact = new CompactTree();
        for (var size = 0; size <= leaves.Length; size++)
        {
            var root = NaiveTree.Root(leaves.AsSpan(0, size));
            Assert.Equal(root, kept.Tree.Root(size).ToBytes());
            Assert.Equal(root, compact.Root.ToBytes());
            Assert.Equal(compact.Peaks, kept.Tree.Peaks(size));
            if (size < leaves.Length)
            {
                compact.Append(TreeHash.OfLeaf(leaves[size]));
            }
        }
    });

    [Fact]
    public void Tree_that_grows_in_parts_is_the_one_that_grows_at_once() => Gen.Select(Leaves, Gen.Int[1, 7].Array[100]).Sample((leaves, parts) =>
    {
        var kept = new KeptTree();
        foreach (var part in parts.TakeWhile(_ => kept.Size < leaves.Length))
        {
            kept.Append(leaves[(int)kept.Size..(int)Math.Min(leaves.Length, kept.Size + part)]);
        }

        Assert.Equal(KeptTree.Of(leaves).Tree.Root(leaves.Length), kept.Tree.Root(leaves.Length));
        Assert.Equal(TreeNode.CountOf(leaves.Length), kept.Count);
    });

    [Fact]
    public void Tree_goes_on_from_its_peaks() => Gen.Select(Leaves, Gen.Int[0, 70]).Sample((leaves, at) =>
    {
        at = Math.Min(at, leaves.Length);
        var kept = KeptTree.Of(leaves);
        var compact = CompactTree.Resume(at, kept.Tree.Peaks(at))!;
        foreach (var leaf in leaves[at..])
        {
            compact.Append(TreeHash.OfLeaf(leaf));
        }

        Assert.Equal(kept.Tree.Root(leaves.Length), compact.Root);
        Assert.Null(CompactTree.Resume(at, [.. kept.Tree.Peaks(at), TreeHash.Empty]));
    });

    [Fact]
    public void Proofs_are_those_of_the_definition_and_prove() => Gen.Select(Leaves, Gen.Int[0, 69], Gen.Int[0, 70]).Sample((leaves, leaf, old) =>
    {
        var kept = KeptTree.Of(leaves);
        leaf %= leaves.Length;
        old %= leaves.Length + 1;
        var root = kept.Tree.Root(leaves.Length);

        var inclusion = kept.Tree.ProveInclusion(leaf, leaves.Length);
        Assert.Equal(NaiveTree.Path(leaf, leaves), inclusion.Hashes.Select(h => h.ToBytes()));
        Assert.True(inclusion.Proves(TreeHash.OfLeaf(leaves[leaf]), root));

        var consistency = kept.Tree.ProveConsistency(old, leaves.Length);
        Assert.Equal(old == 0 ? [] : NaiveTree.Proof(old, leaves), consistency.Hashes.Select(h => h.ToBytes()));
        Assert.True(consistency.Proves(kept.Tree.Root(old), root));
    });

    [Fact]
    public void Proof_of_something_else_does_not_prove() => Gen.Select(Leaves, Gen.Int[0, 69], Gen.Int[1, 70], Gen.Int[0, 99]).Sample((leaves, leaf, old, at) =>
    {
        var kept = KeptTree.Of([.. leaves, [9, 9, 9, 9]]);
        leaf %= leaves.Length;
        old = 1 + (old % leaves.Length);
        var (root, oldRoot, hash) = (kept.Tree.Root(kept.Size), kept.Tree.Root(old), TreeHash.OfLeaf(leaves[leaf]));
        var other = TreeHash.OfLeaf([1, 2, 3, 4, 5]);

        var inclusion = kept.Tree.ProveInclusion(leaf, kept.Size);
        Assert.False(inclusion.Proves(other, root));
        Assert.False(inclusion.Proves(hash, other));
        Assert.False((inclusion with { Index = inclusion.Index + 1 }).Proves(other, root));
        Assert.False((inclusion with { Index = -1 }).Proves(hash, root));
        Assert.False((inclusion with { Size = inclusion.Index }).Proves(hash, root));
        Assert.All(Altered(inclusion.Hashes, at, other), hashes => Assert.False((inclusion with { Hashes = hashes }).Proves(hash, root)));

        var consistency = kept.Tree.ProveConsistency(old, kept.Size);
        Assert.False(consistency.Proves(other, root));
        Assert.False(consistency.Proves(oldRoot, other));
        Assert.False((consistency with { OldSize = kept.Size + 1 }).Proves(oldRoot, root));
        Assert.False((consistency with { OldSize = -1 }).Proves(oldRoot, root));
        Assert.All(Altered(consistency.Hashes, at, other), hashes => Assert.False((consistency with { Hashes = hashes }).Proves(oldRoot, root)));
    });

    [Fact]
    public void Any_tree_grew_from_none_and_from_itself()
    {
        var root = TreeHash.OfLeaf([1]);

        Assert.True(new ConsistencyProof(0, 1, []).Proves(TreeHash.Empty, root));
        Assert.False(new ConsistencyProof(0, 1, []).Proves(root, root));
        Assert.True(new ConsistencyProof(1, 1, []).Proves(root, root));
        Assert.False(new ConsistencyProof(1, 1, [root]).Proves(root, root));
        Assert.False(new ConsistencyProof(3, 7, []).Proves(root, root));
    }

    [Fact]
    public void Proof_costs_no_more_reads_than_the_tree_is_high()
    {
        const int size = 100_003;
        var kept = KeptTree.Of([.. Enumerable.Range(0, size).Select(BitConverter.GetBytes)]);
        Assert.InRange(kept.Reads, 0, 0); // what grows at once reads nothing

        foreach (var (proof, hashes) in new (Action, int)[] { (() => kept.Tree.ProveInclusion(77_777, size), 17), (() => kept.Tree.ProveConsistency(77_777, size), 18) })
        {
            var before = kept.Reads;
            proof();
            Assert.InRange(kept.Reads - before, 1, 2 * hashes);
        }
    }

    [Fact]
    public void Hash_is_read_from_its_text_and_from_nothing_else()
    {
        var text = TreeHash.Empty.ToString();

        Assert.True(TreeHash.TryParse(text, out var hash));
        Assert.Equal(TreeHash.Empty, hash);
        Assert.All(
            new[] { null, "", "x", text[1..], text + "=", " " + text[1..], text[..42] + "V=" /* the same bytes, spelt otherwise */, new string('A', 44) },
            wrong => Assert.False(TreeHash.TryParse(wrong, out _)));
        Assert.Throws<ArgumentException>(() => TreeHash.From(new byte[31]));
    }

    /// <summary>The proof with one hash replaced, one taken out, one put in, and two swapped.</summary>
    private static IEnumerable<ValueList<TreeHash>> Altered(ValueList<TreeHash> hashes, int at, TreeHash other)
    {
        yield return [.. hashes, other];
        if (hashes.Count > 0)
        {
            at %= hashes.Count;
            yield return [.. hashes.Take(at), other, .. hashes.Skip(at + 1)];
            yield return [.. hashes.Take(at), .. hashes.Skip(at + 1)];
            yield return [.. hashes.Take(at), other, .. hashes.Skip(at)];
        }

        if (hashes.Count > 1 && hashes[0] != hashes[^1])
        {
            yield return [hashes[^1], .. hashes.Skip(1).SkipLast(1), hashes[0]];
        }
    }
}
