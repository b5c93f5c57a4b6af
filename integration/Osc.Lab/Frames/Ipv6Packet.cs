using System.Buffers.Binary;
using Osc.Model;

namespace Osc.Lab.Frames;

/// <summary>An IPv6 packet (RFC 8200, 3); extension headers are part of its payload.</summary>
public sealed record Ipv6Packet(IpAddress Source, IpAddress Destination, byte NextHeader, byte[] Payload)
{
    public const byte HopByHop = 0;
    public const byte Routing = 43;
    public const byte FragmentHeader = 44;
    public const byte NoNextHeader = 59;
    public const byte DestinationOptions = 60;

    private const int FixedBytes = 40;

    public byte HopLimit { get; init; } = 64;

    /// <summary>What the header says in bytes; null: the truth.</summary>
    public ushort? PayloadLength { get; init; }

    public byte[] ToBytes()
    {
        var header = new byte[FixedBytes];
        header[0] = 0x60;
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(4), PayloadLength ?? (ushort)Payload.Length);
        header[6] = NextHeader;
        header[7] = HopLimit;
        // An IPv4 address takes its mapped form here.
        BinaryPrimitives.WriteUInt128BigEndian(header.AsSpan(8), Source.Bits);
        BinaryPrimitives.WriteUInt128BigEndian(header.AsSpan(24), Destination.Bits);
        return [.. header, .. Payload];
    }

    /// <summary>The same packet with an extension header in front of what it has.</summary>
    /// <param name="type">Its number as a next header.</param>
    /// <param name="body">What stands behind its first two bytes: six bytes, or eight more each.</param>
    public Ipv6Packet With(byte type, byte[] body) => this with
    {
        NextHeader = type,
        Payload = [NextHeader, (byte)((body.Length + 2) / 8 - 1), .. body, .. Payload],
    };

    /// <summary>Options that say nothing: one PadN of six bytes (RFC 8200, 4.2).</summary>
    public Ipv6Packet WithOptions(byte type) => With(type, [1, 4, 0, 0, 0, 0]);

    /// <summary>The part of the payload from an offset on, as a fragment (RFC 8200, 4.5).</summary>
    /// <param name="offset">In bytes, a multiple of 8.</param>
    /// <param name="length">In bytes; null: up to the end, with no fragment to follow.</param>
    public Ipv6Packet Fragment(uint identification, int offset, int? length = null) => this with
    {
        NextHeader = FragmentHeader,
        Payload =
        [
            NextHeader, 0, .. FrameBytes.Of((ushort)(offset | (length is null ? 0 : 1))), .. FrameBytes.Of(identification),
            .. length is { } bytes ? Payload[offset..(offset + bytes)] : Payload[offset..],
        ],
    };
}
