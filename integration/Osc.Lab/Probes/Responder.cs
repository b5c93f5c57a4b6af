using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Osc.Model;

namespace Osc.Lab.Probes;

/// <summary>
/// Answers at a station: echoes what comes to TCP and UDP ports of each of its addresses, and datagrams of other protocols, and
/// remembers who came. Echo requests of ICMP and ICMPv6 are the kernel's to answer.
/// </summary>
public sealed class Responder : IAsyncDisposable
{
    private const int Backlog = 256;

    private readonly CancellationTokenSource stop = new();
    private readonly List<Socket> sockets = [];
    private readonly List<Task> loops = [];
    private readonly ConcurrentDictionary<(byte Protocol, ushort Port, IPAddress From), int> arrivals = [];

    private Responder(Station station) => Station = station;

    public Station Station { get; }

    /// <param name="services">What to listen to. Of protocols other than TCP and UDP all ports are heard.</param>
    public static Responder Start(Station station, IEnumerable<(byte Protocol, ushort Port)> services)
    {
        var responder = new Responder(station);
        var wanted = services.Distinct().ToArray();
        station.Netns.Enter(() =>
        {
            foreach (var address in station.Addresses)
            {
                foreach (var (protocol, port) in wanted.Where(s => s.Protocol is IpProtocol.Tcp or IpProtocol.Udp))
                {
                    responder.Listen(address, protocol, port);
                }

                foreach (var protocol in wanted.Select(s => s.Protocol).Distinct().Where(IsRaw))
                {
                    responder.ListenRaw(address, protocol);
                }
            }

            return true;
        });
        return responder;
    }

    /// <summary>Whether anything of a source came to a port since the start or the last <see cref="Forget"/>.</summary>
    public bool HeardFrom(IpAddress source, byte protocol, ushort port) => arrivals.ContainsKey((protocol, port, source.At(0).Address));

    public void Forget() => arrivals.Clear();

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        sockets.ForEach(s => s.Dispose());
        await Task.WhenAll(loops);
        stop.Dispose();
    }

    private static bool IsRaw(byte protocol) => protocol is not (IpProtocol.Tcp or IpProtocol.Udp or IpProtocol.Icmp or IpProtocol.IcmpV6);

    private void Listen(IpAddress address, byte protocol, ushort port)
    {
        var isTcp = protocol == IpProtocol.Tcp;
        var socket = new Socket(address.Family(), isTcp ? SocketType.Stream : SocketType.Dgram, isTcp ? ProtocolType.Tcp : ProtocolType.Udp);
        socket.Bind(address.At(port));
        sockets.Add(socket);
        if (isTcp)
        {
            socket.Listen(Backlog);
            loops.Add(AcceptAsync(socket, port));
        }
        else
        {
            loops.Add(AnswerAsync(socket, datagram => (datagram.ToArray(), port), protocol));
        }
    }

    private void ListenRaw(IpAddress address, byte protocol)
    {
        var socket = RawDatagram.Open(address, protocol);
        sockets.Add(socket);
        loops.Add(AnswerAsync(socket, packet => RawDatagram.Answer(address, packet.Span), protocol));
    }

    private async Task AcceptAsync(Socket listener, ushort port)
    {
        var served = new List<Task>();
        try
        {
            while (true)
            {
                var client = await listener.AcceptAsync(stop.Token);
                Note(IpProtocol.Tcp, port, (IPEndPoint)client.RemoteEndPoint!); // an accepted socket has one
                served.RemoveAll(t => t.IsCompleted);
                served.Add(EchoStreamAsync(client));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(served);
        }
    }

    private async Task EchoStreamAsync(Socket client)
    {
        using (client)
        {
            var buffer = new byte[2048];
            try
            {
                for (var read = await client.ReceiveAsync(buffer, stop.Token); read > 0; read = await client.ReceiveAsync(buffer, stop.Token))
                {
                    await client.SendAsync(buffer.AsMemory(0, read), stop.Token);
                }
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException)
            {
                // The other end or the lab is gone: the prober tells what that means.
                client.Close();
            }
        }
    }

    /// <param name="answer">What to send back, and the port that the request was for; null: nothing.</param>
    private async Task AnswerAsync(Socket socket, Func<ReadOnlyMemory<byte>, (byte[] Answer, ushort Port)?> answer, byte protocol)
    {
        var any = new IPEndPoint(socket.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0);
        var buffer = new byte[2048];
        while (!stop.IsCancellationRequested)
        {
            try
            {
                var received = await socket.ReceiveFromAsync(buffer, SocketFlags.None, any, stop.Token);
                if (answer(buffer.AsMemory(0, received.ReceivedBytes)) is { } reply)
                {
                    Note(protocol, reply.Port, (IPEndPoint)received.RemoteEndPoint);
                    await socket.SendToAsync(reply.Answer, SocketFlags.None, received.RemoteEndPoint, stop.Token);
                }
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (SocketException)
            {
                // An ICMP error about an earlier answer: the next request has nothing to do with it.
                continue;
            }
        }
    }

    private void Note(byte protocol, ushort port, IPEndPoint from) => arrivals.AddOrUpdate((protocol, port, from.Address), 1, static (_, n) => n + 1);
}
