using System.Buffers.Binary;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Osc.Model;

namespace Osc.Lab.Probes;

/// <summary>
/// Probes of protocols that the machine's kernel need not know (SCTP, GRE, ...): a raw IP datagram and its echo.
/// </summary>
/// <remarks>
/// <code>
/// 0      2          4       8      9
/// | from | to port  | token | kind |     the ports as SCTP has them (RFC 9260, 3.1); zero for protocols without
/// </code>
/// </remarks>
internal static class RawDatagram
{
    private const int Bytes = 12;
    private const int TokenAt = 4;
    private const int KindAt = 8;
    private const byte Request = 1;
    private const byte Reply = 2;
    private const int FirstEphemeralPort = 32768;

    // Linux, sys/socket.h: AF_INET, AF_INET6, SOCK_RAW | SOCK_CLOEXEC.
    private const int AddressFamilyIpv4 = 2;
    private const int AddressFamilyIpv6 = 10;
    private const int RawCloseOnExec = 3 | 0x80000;

    /// <summary>A raw socket in the calling thread's namespace. Made by socket(2) itself: .NET refuses protocols that it has no name for.</summary>
    /// <exception cref="LabException">The kernel refuses.</exception>
    public static Socket Open(IpAddress address, byte protocol)
    {
        var descriptor = OpenSocket(address.IsIPv4 ? AddressFamilyIpv4 : AddressFamilyIpv6, RawCloseOnExec, protocol);
        if (descriptor < 0)
        {
            throw new LabException($"no raw socket for protocol {protocol}: {Marshal.GetLastPInvokeErrorMessage()}");
        }

        var socket = new Socket(new SafeSocketHandle(descriptor, ownsHandle: true));
        socket.Bind(address.At(0));
        return socket;
    }

    /// <exception cref="OperationCanceledException">Nothing came back in time.</exception>
    public static async Task<Observed> TryAsync(Station from, Connection connection, CancellationToken cancellation)
    {
        using var socket = from.Netns.Enter(() => Open(connection.Source, connection.Protocol));
        await socket.ConnectAsync(connection.Destination.At(0), cancellation);
        var request = new byte[Bytes];
        if (IpProtocol.HasPorts(connection.Protocol))
        {
            BinaryPrimitives.WriteUInt16BigEndian(request, (ushort)RandomNumberGenerator.GetInt32(FirstEphemeralPort, ushort.MaxValue));
            BinaryPrimitives.WriteUInt16BigEndian(request.AsSpan(2), connection.DestinationPort);
        }

        RandomNumberGenerator.Fill(request.AsSpan(TokenAt, 4));
        request[KindAt] = Request;
        await socket.SendAsync(request, cancellation);

        var buffer = new byte[2048];
        while (true)
        {
            var received = await socket.ReceiveAsync(buffer, cancellation);
            var payload = Payload(connection.Source, buffer.AsSpan(0, received));
            if (payload.Length >= Bytes && payload[KindAt] == Reply && payload.Slice(TokenAt, 4).SequenceEqual(request.AsSpan(TokenAt, 4)))
            {
                return Observed.Answered;
            }
        }
    }

    /// <summary>Turns a received request into its answer, and tells the port that it was sent to; null if it is none.</summary>
    /// <param name="local">The address that it was received at.</param>
    public static (byte[] Answer, ushort Port)? Answer(IpAddress local, ReadOnlySpan<byte> packet)
    {
        var payload = Payload(local, packet);
        if (payload.Length < Bytes || payload[KindAt] != Request)
        {
            return null;
        }

        var answer = payload[..Bytes].ToArray();
        payload[..2].CopyTo(answer.AsSpan(2));
        payload.Slice(2, 2).CopyTo(answer);
        answer[KindAt] = Reply;
        return (answer, BinaryPrimitives.ReadUInt16BigEndian(payload[2..]));
    }

    /// <summary>A raw IPv4 socket gives the IP header too, a raw IPv6 socket does not (raw(7), ipv6(7)).</summary>
    private static ReadOnlySpan<byte> Payload(IpAddress local, ReadOnlySpan<byte> packet)
    {
        var header = local.IsIPv4 && packet.Length > 0 ? (packet[0] & 0xf) * 4 : 0;
        return packet.Length > header ? packet[header..] : [];
    }

    [DllImport("libc", EntryPoint = "socket", SetLastError = true)]
    private static extern nint OpenSocket(int family, int type, int protocol);
}
