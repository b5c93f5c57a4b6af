using System.Security.Cryptography;

namespace Osc.Audit.Tests.Merkle;

/// <summary>The tree and its proofs as RFC 9162, section 2.1, defines them: recursively, over all leaves, with nothing kept. Shares no code with what it checks.</summary>
internal static class NaiveTree
{
    /// <summary>MTH (section 2.1.1).</summary>
    public static byte[] Root(ReadOnlySpan<byte[]> leaves) => leaves.Length switch
    {
        0 => SHA256.HashData([]),
        1 => SHA256.HashData([0x00, .. leaves[0]]),
        _ => SHA256.HashData([0x01, .. Root(leaves[..Split(leaves)]), .. Root(leaves[Split(leaves)..])]),
    };

    /// <summary>PATH (section 2.1.3.1).</summary>
    public static List<byte[]> Path(int leaf, ReadOnlySpan<byte[]> leaves)
    {
        if (leaves.Length == 1)
        {
            return [];
        }

        var k = Split(leaves);
        return leaf < k ? [.. Path(leaf, leaves[..k]), Root(leaves[k..])] : [.. Path(leaf - k, leaves[k..]), Root(leaves[..k])];
    }

    /// <summary>PROOF (section 2.1.4.1).</summary>
    public static List<byte[]> Proof(int old, ReadOnlySpan<byte[]> leaves) => SubProof(old, leaves, isWhole: true);

    private static List<byte[]> SubProof(int old, ReadOnlySpan<byte[]> leaves, bool isWhole)
    {
        if (old == leaves.Length)
        {
            return isWhole ? [] : [Root(leaves)];
        }

        var k = Split(leaves);
        return old <= k ? [.. SubProof(old, leaves[..k], isWhole), Root(leaves[k..])] : [.. SubProof(old - k, leaves[k..], isWhole: false), Root(leaves[..k])];
    }

    /// <summary>The largest power of two smaller than the number of leaves.</summary>
    private static int Split(ReadOnlySpan<byte[]> leaves)
    {
        var k = 1;
        while (k * 2 < leaves.Length)
        {
            k *= 2;
        }

        return k;
    }
}
