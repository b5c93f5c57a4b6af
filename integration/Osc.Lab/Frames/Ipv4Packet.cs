using System.Buffers.Binary;
using Osc.Model;

namespace Osc.Lab.Frames;

/// <summary>An IPv4 packet or fragment (RFC 791, 3.1), right or wrong as its maker wants it.</summary>
public sealed record Ipv4Packet(IpAddress Source, IpAddress Destination, byte Protocol, byte[] Payload)
{
    private const int FixedBytes = 20;

    public byte TimeToLive { get; init; } = 64;

    public ushort Identification { get; init; }

    /// <summary>In bytes, a multiple of 8.</summary>
    public int FragmentOffset { get; init; }

    public bool MoreFragments { get; init; }

    /// <summary>A multiple of 4 bytes, at most 40.</summary>
    public byte[] Options { get; init; } = [];

    /// <summary>What the header says in 32-bit words; null: the truth.</summary>
    public byte? HeaderWords { get; init; }

    /// <summary>What the header says in bytes; null: the truth.</summary>
    public ushort? TotalLength { get; init; }

    public bool HasBadChecksum { get; init; }

    public byte[] ToBytes()
    {
        var length = FixedBytes + Options.Length;
        var header = new byte[length];
        header[0] = (byte)(0x40 | (HeaderWords ?? (length / 4)));
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(2), TotalLength ?? (ushort)(length + Payload.Length));
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(4), Identification);
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(6), (ushort)((FragmentOffset / 8) | (MoreFragments ? 0x2000 : 0)));
        header[8] = TimeToLive;
        header[9] = Protocol;
        Source.ToBytes().CopyTo(header, 12);
        Destination.ToBytes().CopyTo(header, 16);
        Options.CopyTo(header, FixedBytes);
        var checksum = InternetChecksum.Of(header);
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(10), HasBadChecksum ? (ushort)(checksum ^ 0x5555) : checksum);
        return [.. header, .. Payload];
    }

    /// <summary>The part of the payload from an offset on, as a fragment.</summary>
    /// <param name="length">In bytes; null: up to the end, with no fragment to follow.</param>
    public Ipv4Packet Fragment(int offset, int? length = null) => this with
    {
        Payload = length is { } bytes ? Payload[offset..(offset + bytes)] : Payload[offset..],
        FragmentOffset = offset,
        MoreFragments = length is not null,
    };
}
