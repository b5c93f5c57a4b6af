using System.Buffers.Binary;
using System.Numerics;

namespace Osc.Switch.Reconcile;

/// <summary>
/// SipHash-2-4 with 128 bits of output (Aumasson and Bernstein, "SipHash: a fast short-input PRF"), over 64-bit words.
/// Keyed by chance, so that nobody who can shape flows can make two of them collide.
/// </summary>
internal struct SipHash
{
    private ulong v0;
    private ulong v1;
    private ulong v2;
    private ulong v3;
    private ulong length;

    public SipHash(UInt128 key)
    {
        var (k0, k1) = ((ulong)key, (ulong)(key >> 64));
        v0 = k0 ^ 0x736f6d6570736575;
        v1 = k1 ^ 0x646f72616e646f6d ^ 0xee;
        v2 = k0 ^ 0x6c7967656e657261;
        v3 = k1 ^ 0x7465646279746573;
    }

    public void Add(ulong word)
    {
        v3 ^= word;
        Round();
        Round();
        v0 ^= word;
        length += 8;
    }

    public void Add(UInt128 value)
    {
        Add((ulong)value);
        Add((ulong)(value >> 64));
    }

    /// <summary>Adds the bytes and how many they are, so that two neighbours cannot be taken for two others.</summary>
    public void Add(ReadOnlySpan<byte> bytes)
    {
        Add((ulong)bytes.Length);
        for (; bytes.Length >= 8; bytes = bytes[8..])
        {
            Add(BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        }

        ulong last = 0;
        for (var i = 0; i < bytes.Length; i++)
        {
            last |= (ulong)bytes[i] << (8 * i);
        }

        Add(last);
    }

    public UInt128 Finish()
    {
        Add(length << 56);
        v2 ^= 0xee;
        var low = Finalise();
        v1 ^= 0xdd;
        return new(Finalise(), low);
    }

    private ulong Finalise()
    {
        for (var i = 0; i < 4; i++)
        {
            Round();
        }

        return v0 ^ v1 ^ v2 ^ v3;
    }

    private void Round()
    {
        v0 += v1;
        v1 = BitOperations.RotateLeft(v1, 13) ^ v0;
        v0 = BitOperations.RotateLeft(v0, 32);
        v2 += v3;
        v3 = BitOperations.RotateLeft(v3, 16) ^ v2;
        v0 += v3;
        v3 = BitOperations.RotateLeft(v3, 21) ^ v0;
        v2 += v1;
        v1 = BitOperations.RotateLeft(v1, 17) ^ v2;
        v2 = BitOperations.RotateLeft(v2, 32);
    }
}
