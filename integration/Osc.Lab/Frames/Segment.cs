using System.Buffers.Binary;
using Osc.Model;

namespace Osc.Lab.Frames;

/// <summary>The control bits of a TCP header (RFC 9293, 3.1).</summary>
[Flags]
public enum TcpBits
{
    None = 0,
    Fin = 1,
    Syn = 2,
    Reset = 4,
    Push = 8,
    Ack = 16,
    Urgent = 32,
}

/// <summary>What IP packets carry, with true checksums: TCP, UDP, ICMP and ICMPv6.</summary>
public static class Segment
{
    private const byte TcpWords = 5;

    public static byte[] Tcp(IpAddress source, IpAddress destination, ushort from, ushort to, TcpBits bits, byte[] data, uint sequence = 1, uint acknowledged = 1)
    {
        byte[] segment =
        [
            .. FrameBytes.Of(from), .. FrameBytes.Of(to), .. FrameBytes.Of(sequence), .. FrameBytes.Of(bits.HasFlag(TcpBits.Ack) ? acknowledged : 0),
            TcpWords << 4, (byte)bits, .. FrameBytes.Of((ushort)8192), 0, 0, 0, 0, .. data,
        ];
        BinaryPrimitives.WriteUInt16BigEndian(segment.AsSpan(16), InternetChecksum.Of(source, destination, IpProtocol.Tcp, segment));
        return segment;
    }

    public static byte[] Udp(IpAddress source, IpAddress destination, ushort from, ushort to, byte[] data)
    {
        byte[] datagram = [.. FrameBytes.Of(from), .. FrameBytes.Of(to), .. FrameBytes.Of((ushort)(8 + data.Length)), 0, 0, .. data];
        var checksum = InternetChecksum.Of(source, destination, IpProtocol.Udp, datagram);
        BinaryPrimitives.WriteUInt16BigEndian(datagram.AsSpan(6), checksum == 0 ? ushort.MaxValue : checksum);
        return datagram;
    }

    /// <summary>ICMP between IPv4 addresses, ICMPv6 between others.</summary>
    /// <param name="body">What stands behind the checksum.</param>
    public static byte[] Icmp(IpAddress source, IpAddress destination, byte type, byte code, byte[] body)
    {
        byte[] message = [type, code, 0, 0, .. body];
        var checksum = source.IsIPv4 ? InternetChecksum.Of(message) : InternetChecksum.Of(source, destination, IpProtocol.IcmpV6, message);
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(2), checksum);
        return message;
    }
}
