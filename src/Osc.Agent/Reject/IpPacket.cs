using System.Buffers.Binary;

namespace Osc.Agent.Reject;

/// <summary>The IP header of a packet, as far as an answer to it needs it (RFC 791, RFC 8200).</summary>
/// <param name="Length">Of the whole datagram, in bytes; what follows it in the frame is padding.</param>
/// <param name="HeaderBytes">Before the payload, options and extension headers included.</param>
/// <param name="IsFirst">Whether it is a whole packet, or the first fragment of one.</param>
internal readonly record struct IpPacket(bool IsIPv4, byte Protocol, int Length, int HeaderBytes, bool IsFirst, UInt128 Source, UInt128 Destination)
{
    public const byte Icmp = 1;
    public const byte Tcp = 6;
    public const byte IcmpV6 = 58;

    private const int HeaderOfIPv4 = 20;
    private const int HeaderOfIPv6 = 40;
    private const byte HopLimit = 64;

    public int PlainHeaderBytes => IsIPv4 ? HeaderOfIPv4 : HeaderOfIPv6;

    /// <summary>What every host must be able to take, and for IPv6 every link: RFC 1122, 3.3.2; RFC 8200, 5.</summary>
    public int SmallestMtu => IsIPv4 ? 576 : 1280;

    /// <summary>Whether its addresses are of one host each.</summary>
    public bool IsBetweenTwo => IsOfOne(Source) && IsOfOne(Destination);

    /// <param name="etherType">2 bytes.</param>
    /// <returns>null: no IP packet, or one that is cut short.</returns>
    public static IpPacket? Read(ReadOnlySpan<byte> etherType, ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt16BigEndian(etherType) switch
    {
        0x0800 => ReadIPv4(bytes),
        0x86dd => ReadIPv6(bytes),
        _ => null,
    };

    /// <summary>Whether the payload is an ICMP message that tells of an error, or of a better way: none of those is answered (RFC 1122, 3.2.2; RFC 4443, 2.4).</summary>
    public bool IsIcmpError(ReadOnlySpan<byte> payload) => payload.IsEmpty || (Protocol == Icmp ? payload[0] is 3 or 4 or 5 or 11 or 12 : payload[0] < 128 || payload[0] == 137);

    /// <summary>Writes a datagram from this one's destination to its source, checksums included.</summary>
    /// <param name="to">Of the length of a plain header and the body.</param>
    /// <param name="body">TCP, ICMP or ICMPv6, its checksum 0.</param>
    public void WriteAnswer(Span<byte> to, byte protocol, ReadOnlySpan<byte> body)
    {
        if (IsIPv4)
        {
            to[0] = 0x45;
            BinaryPrimitives.WriteUInt16BigEndian(to[2..], (ushort)to.Length);
            to[6] = 0x40; // do not fragment
            to[8] = HopLimit;
            to[9] = protocol;
            BinaryPrimitives.WriteUInt32BigEndian(to[12..], (uint)Destination);
            BinaryPrimitives.WriteUInt32BigEndian(to[16..], (uint)Source);
            BinaryPrimitives.WriteUInt16BigEndian(to[10..], Checksum(to[..HeaderOfIPv4], 0));
        }
        else
        {
            to[0] = 0x60;
            BinaryPrimitives.WriteUInt16BigEndian(to[4..], (ushort)body.Length);
            to[6] = protocol;
            to[7] = HopLimit;
            BinaryPrimitives.WriteUInt128BigEndian(to[8..], Destination);
            BinaryPrimitives.WriteUInt128BigEndian(to[24..], Source);
        }

        var written = to[PlainHeaderBytes..];
        body.CopyTo(written);
        var pseudo = protocol == Icmp ? 0u : Sum(to.Slice(PlainHeaderBytes - (IsIPv4 ? 8 : 32), IsIPv4 ? 8 : 32)) + protocol + (uint)body.Length;
        BinaryPrimitives.WriteUInt16BigEndian(written[(protocol == Tcp ? 16 : 2)..], Checksum(written, pseudo));
    }

    private static IpPacket? ReadIPv4(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < HeaderOfIPv4 || bytes[0] >> 4 != 4)
        {
            return null;
        }

        var header = (bytes[0] & 15) * 4;
        var length = BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]);
        var isFirst = (BinaryPrimitives.ReadUInt16BigEndian(bytes[6..]) & 0x1fff) == 0;
        return header < HeaderOfIPv4 || length < header || length > bytes.Length
            ? null
            : new(true, bytes[9], length, header, isFirst, BinaryPrimitives.ReadUInt32BigEndian(bytes[12..]), BinaryPrimitives.ReadUInt32BigEndian(bytes[16..]));
    }

    private static IpPacket? ReadIPv6(ReadOnlySpan<byte> bytes)
    {
        const byte HopByHop = 0;
        const byte Routing = 43;
        const byte Fragment = 44;
        const byte DestinationOptions = 60;
        if (bytes.Length < HeaderOfIPv6 || bytes[0] >> 4 != 6)
        {
            return null;
        }

        var length = HeaderOfIPv6 + BinaryPrimitives.ReadUInt16BigEndian(bytes[4..]);
        if (length > bytes.Length)
        {
            return null;
        }

        var (next, at, isFirst) = (bytes[6], HeaderOfIPv6, true);
        while (next is HopByHop or Routing or Fragment or DestinationOptions)
        {
            if (length - at < 8)
            {
                return null;
            }

            isFirst &= next != Fragment || BinaryPrimitives.ReadUInt16BigEndian(bytes[(at + 2)..]) >> 3 == 0;
            var bytesOfHeader = next == Fragment ? 8 : (bytes[at + 1] + 1) * 8;
            (next, at) = (bytes[at], at + bytesOfHeader);
        }

        return at > length
            ? null
            : new(false, next, length, at, isFirst, BinaryPrimitives.ReadUInt128BigEndian(bytes[8..]), BinaryPrimitives.ReadUInt128BigEndian(bytes[24..]));
    }

    /// <summary>Not unspecified, loopback, multicast or broadcast.</summary>
    private bool IsOfOne(UInt128 address) => IsIPv4
        ? (byte)(address >> 24) is not 0 and not 127 and < 224
        : (byte)(address >> 120) != 0xff && address > 1;

    /// <summary>The internet checksum (RFC 1071).</summary>
    private static ushort Checksum(ReadOnlySpan<byte> bytes, uint more)
    {
        var sum = Sum(bytes) + more;
        while (sum >> 16 != 0)
        {
            sum = (sum & 0xffff) + (sum >> 16);
        }

        return (ushort)~sum;
    }

    private static uint Sum(ReadOnlySpan<byte> bytes)
    {
        var sum = 0u;
        for (var i = 0; i + 1 < bytes.Length; i += 2)
        {
            sum += BinaryPrimitives.ReadUInt16BigEndian(bytes[i..]);
        }

        return bytes.Length % 2 == 0 ? sum : sum + ((uint)bytes[^1] << 8);
    }
}
