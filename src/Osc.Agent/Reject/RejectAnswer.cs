using System.Buffers.Binary;

namespace Osc.Agent.Reject;

/// <summary>
/// What the sender of a rejected packet is told, as its receiver's own system would: a TCP reset (RFC 9293, 3.10.7.1), else ICMP
/// "communication administratively prohibited" (RFC 1812, 5.2.7.1; RFC 4443, 3.1), from the address that the packet was for.
/// </summary>
public static class RejectAnswer
{
    private const int EthernetBytes = 14;
    private const int TcpBytes = 20;
    private const int IcmpBytes = 8;

    /// <param name="frame">The rejected frame, untagged, from its destination MAC on.</param>
    /// <returns>The frame to be sent back; null where none may be: errors, resets, later fragments, to or from many, or no packet at all.</returns>
    public static byte[]? To(ReadOnlySpan<byte> frame)
    {
        if (frame.Length < EthernetBytes || IsToMany(frame) || IsToMany(frame[6..]) || IpPacket.Read(frame[12..14], frame[EthernetBytes..]) is not { IsFirst: true, IsBetweenTwo: true } packet)
        {
            return null;
        }

        var datagram = frame.Slice(EthernetBytes, packet.Length);
        var payload = datagram[packet.HeaderBytes..];
        var (protocol, body) = packet.Protocol switch
        {
            IpPacket.Tcp => (IpPacket.Tcp, Reset(payload)),
            IpPacket.Icmp or IpPacket.IcmpV6 when packet.IsIcmpError(payload) => default,
            _ => (packet.IsIPv4 ? IpPacket.Icmp : IpPacket.IcmpV6, Prohibited(packet, datagram)),
        };
        if (body is null)
        {
            return null;
        }

        var answer = new byte[EthernetBytes + packet.PlainHeaderBytes + body.Length];
        frame.Slice(6, 6).CopyTo(answer);
        frame[..6].CopyTo(answer.AsSpan(6));
        frame.Slice(12, 2).CopyTo(answer.AsSpan(12));
        packet.WriteAnswer(answer.AsSpan(EthernetBytes), protocol, body);
        return answer;
    }

    private static bool IsToMany(ReadOnlySpan<byte> mac) => (mac[0] & 1) != 0;

    private static byte[]? Reset(ReadOnlySpan<byte> segment)
    {
        const byte Fin = 1;
        const byte Syn = 2;
        const byte Rst = 4;
        const byte Ack = 16;
        if (segment.Length < TcpBytes || (segment[12] >> 4) * 4 is var header && (header < TcpBytes || header > segment.Length))
        {
            return null;
        }

        var flags = segment[13];
        if ((flags & Rst) != 0)
        {
            return null;
        }

        var reset = new byte[TcpBytes];
        segment.Slice(2, 2).CopyTo(reset);
        segment[..2].CopyTo(reset.AsSpan(2));
        reset[12] = TcpBytes / 4 << 4;
        if ((flags & Ack) != 0)
        {
            segment.Slice(8, 4).CopyTo(reset.AsSpan(4));
            reset[13] = Rst;
            return reset;
        }

        var length = (uint)(segment.Length - header) + ((flags & Syn) != 0 ? 1u : 0) + ((flags & Fin) != 0 ? 1u : 0);
        BinaryPrimitives.WriteUInt32BigEndian(reset.AsSpan(8), unchecked(BinaryPrimitives.ReadUInt32BigEndian(segment[4..]) + length));
        reset[13] = Rst | Ack;
        return reset;
    }

    /// <summary>As much of the packet as fits the smallest datagram that everyone takes.</summary>
    private static byte[] Prohibited(IpPacket packet, ReadOnlySpan<byte> datagram)
    {
        var quoted = datagram[..Math.Min(datagram.Length, packet.SmallestMtu - packet.PlainHeaderBytes - IcmpBytes)];
        var message = new byte[IcmpBytes + quoted.Length];
        (message[0], message[1]) = packet.IsIPv4 ? ((byte)3, (byte)13) : ((byte)1, (byte)1);
        quoted.CopyTo(message.AsSpan(IcmpBytes));
        return message;
    }
}
