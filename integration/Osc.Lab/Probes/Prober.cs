using System.Net.Sockets;
using Osc.Model;

namespace Osc.Lab.Probes;

/// <summary>Tries a connection with real packets, from the station that owns its source address.</summary>
public static class Prober
{
    private static readonly byte[] Greeting = "osc"u8.ToArray();

    /// <param name="patience">How long silence is waited out.</param>
    /// <exception cref="ArgumentException">The connection is ICMP or ICMPv6 and no echo request.</exception>
    public static async Task<Observed> ProbeAsync(Station from, Connection connection, TimeSpan patience)
    {
        using var timeout = new CancellationTokenSource(patience);
        try
        {
            return connection switch
            {
                { Protocol: IpProtocol.Tcp } => await ExchangeAsync(from, connection, SocketType.Stream, timeout.Token),
                { Protocol: IpProtocol.Udp } => await ExchangeAsync(from, connection, SocketType.Dgram, timeout.Token),
                { Protocol: IpProtocol.Icmp, IcmpType: Echo.RequestV4, IcmpCode: 0 } => await Echo.TryAsync(from, connection, timeout.Token),
                { Protocol: IpProtocol.IcmpV6, IcmpType: Echo.RequestV6, IcmpCode: 0 } => await Echo.TryAsync(from, connection, timeout.Token),
                { Protocol: IpProtocol.Icmp or IpProtocol.IcmpV6 } => throw new ArgumentException($"no probe for {connection}", nameof(connection)),
                _ => await RawDatagram.TryAsync(from, connection, timeout.Token),
            };
        }
        catch (OperationCanceledException)
        {
            return Observed.Silent;
        }
        catch (SocketException e) when (IsRefusal(e.SocketErrorCode))
        {
            return Observed.Refused;
        }
    }

    /// <summary>
    /// A reset or, in tcp(7) and udp(7), what the kernel makes of ICMP errors: "communication administratively prohibited"
    /// is EHOSTUNREACH for IPv4 and EACCES for IPv6.
    /// </summary>
    private static bool IsRefusal(SocketError error) =>
        error is SocketError.ConnectionRefused or SocketError.ConnectionReset or SocketError.HostUnreachable or SocketError.AccessDenied;

    private static async Task<Observed> ExchangeAsync(Station from, Connection connection, SocketType type, CancellationToken cancellation)
    {
        using var socket = from.Netns.OpenSocket(connection.Source.Family(), type, type == SocketType.Stream ? ProtocolType.Tcp : ProtocolType.Udp);
        socket.Bind(connection.Source.At(0));
        await socket.ConnectAsync(connection.Destination.At(connection.DestinationPort), cancellation);
        await socket.SendAsync(Greeting, cancellation);
        var answer = new byte[Greeting.Length];
        return await socket.ReceiveAsync(answer, cancellation) > 0 ? Observed.Answered : Observed.Refused;
    }
}
