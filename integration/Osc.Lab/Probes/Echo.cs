using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Osc.Lab.Frames;
using Osc.Model;

namespace Osc.Lab.Probes;

/// <summary>ICMP echo (RFC 792) and ICMPv6 echo (RFC 4443, section 4) over a raw socket.</summary>
internal static class Echo
{
    public const byte RequestV4 = 8;
    public const byte RequestV6 = 128;

    private const byte ReplyV4 = 0;
    private const byte ReplyV6 = 129;
    private const byte UnreachableV4 = 3;
    private const byte UnreachableV6 = 1;
    private const byte ProhibitedV4 = 13;
    private const byte ProhibitedV6 = 1;
    private const int HeaderBytes = 8;
    private const int Ipv6HeaderBytes = 40;

    /// <exception cref="OperationCanceledException">Nothing came back in time.</exception>
    public static async Task<Observed> TryAsync(Station from, Connection connection, CancellationToken cancellation)
    {
        var isV4 = connection.Source.IsIPv4;
        using var socket = from.Netns.OpenSocket(connection.Source.Family(), SocketType.Raw, isV4 ? ProtocolType.Icmp : ProtocolType.IcmpV6);
        socket.Bind(connection.Source.At(0));

        // Identifier and sequence number together tell this probe's answer from all others in the namespace.
        var token = RandomNumberGenerator.GetBytes(4);
        await socket.SendToAsync(Request(isV4, token), SocketFlags.None, connection.Destination.At(0), cancellation);

        var buffer = new byte[2048];
        var any = new IPEndPoint(isV4 ? IPAddress.Any : IPAddress.IPv6Any, 0);
        while (true)
        {
            var received = await socket.ReceiveFromAsync(buffer, SocketFlags.None, any, cancellation);
            if (Read(isV4, buffer.AsSpan(0, received.ReceivedBytes), token) is { } observed)
            {
                return observed;
            }
        }
    }

    private static byte[] Request(bool isV4, ReadOnlySpan<byte> token)
    {
        var packet = new byte[HeaderBytes];
        packet[0] = isV4 ? RequestV4 : RequestV6;
        token.CopyTo(packet.AsSpan(4));
        if (isV4)
        {
            // The kernel fills in ICMPv6's checksum, not ICMP's.
            BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), InternetChecksum.Of(packet));
        }

        return packet;
    }

    /// <summary>What a packet says of the probe; null if it is about something else. A raw IPv4 socket gives the IP header too.</summary>
    private static Observed? Read(bool isV4, ReadOnlySpan<byte> packet, ReadOnlySpan<byte> token)
    {
        var message = isV4 ? AfterIpv4Header(packet) : packet;
        if (message.Length < HeaderBytes)
        {
            return null;
        }

        if (message[0] == (isV4 ? ReplyV4 : ReplyV6))
        {
            return message.Slice(4, 4).SequenceEqual(token) ? Observed.Answered : null;
        }

        if (message[0] == (isV4 ? UnreachableV4 : UnreachableV6) && message[1] == (isV4 ? ProhibitedV4 : ProhibitedV6))
        {
            var quoted = message[HeaderBytes..];
            var inner = isV4 ? AfterIpv4Header(quoted) : quoted.Length > Ipv6HeaderBytes ? quoted[Ipv6HeaderBytes..] : [];
            return inner.Length >= HeaderBytes && inner.Slice(4, 4).SequenceEqual(token) ? Observed.Refused : null;
        }

        return null;
    }

    private static ReadOnlySpan<byte> AfterIpv4Header(ReadOnlySpan<byte> packet)
    {
        var length = packet.Length > 0 ? (packet[0] & 0xf) * 4 : 0;
        return packet.Length > length ? packet[length..] : [];
    }
}
