using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Osc.Model;

namespace Osc.Lab.Probes;

/// <summary>
/// Answers at a station: echoes what comes to TCP and UDP ports of each of its addresses, and remembers who came. Echo
/// requests of ICMP and ICMPv6 are the kernel's to answer.
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

    /// <param name="services">What to listen to: only TCP and UDP ports are taken.</param>
    public static Responder Start(Station station, IEnumerable<(byte Protocol, ushort Port)> services)
    {
        var responder = new Responder(station);
        var wanted = services.Distinct().ToArray();
        station.Netns.Enter(() =>
        {
            foreach (var address in station.Addresses)
            {
                foreach (var (protocol, port) in wanted)
                {
                    responder.Listen(address, protocol, port);
                }
            }

            return true;
        });
        responder.loops.AddRange(responder.sockets.Select(s => s.SocketType == SocketType.Stream ? responder.AcceptAsync(s) : responder.EchoDatagramsAsync(s)));
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

    private void Listen(IpAddress address, byte protocol, ushort port)
    {
        if (protocol is not (IpProtocol.Tcp or IpProtocol.Udp))
        {
            return;
        }

        var socket = protocol == IpProtocol.Tcp
            ? new Socket(address.Family(), SocketType.Stream, ProtocolType.Tcp)
            : new Socket(address.Family(), SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(address.At(port));
        if (protocol == IpProtocol.Tcp)
        {
            socket.Listen(Backlog);
        }

        sockets.Add(socket);
    }

    private async Task AcceptAsync(Socket listener)
    {
        var port = (ushort)((IPEndPoint)listener.LocalEndPoint!).Port; // a bound socket has one
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

    private async Task EchoDatagramsAsync(Socket socket)
    {
        var port = (ushort)((IPEndPoint)socket.LocalEndPoint!).Port; // a bound socket has one
        var any = new IPEndPoint(socket.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0);
        var buffer = new byte[2048];
        while (!stop.IsCancellationRequested)
        {
            try
            {
                var received = await socket.ReceiveFromAsync(buffer, SocketFlags.None, any, stop.Token);
                Note(IpProtocol.Udp, port, (IPEndPoint)received.RemoteEndPoint);
                await socket.SendToAsync(buffer.AsMemory(0, received.ReceivedBytes), SocketFlags.None, received.RemoteEndPoint, stop.Token);
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
