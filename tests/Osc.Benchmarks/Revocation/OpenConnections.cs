using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Osc.Lab;
using Osc.Lab.Probes;
using Osc.Model;

namespace Osc.Benchmarks.Revocation;

/// <summary>
/// Very many open UDP connections that carry traffic, each from an address of its own: a raw socket outside sends requests, a
/// server echoes them. What was sent and what came back is known connection by connection.
/// </summary>
internal sealed class OpenConnections : IDisposable
{
    private const int IpHeader = 20;
    private const int UdpHeader = 8;
    private const int Payload = 8;
    private const ushort SourcePort = 10_000;

    /// <summary>How long the next answer may take.</summary>
    private static readonly TimeSpan Straggling = TimeSpan.FromMilliseconds(500);

    private readonly Socket client;
    private readonly Socket[] servers;
    private readonly SocketAddress destination;
    private readonly ushort[] ports;
    private readonly int[] answered;
    private readonly byte[] packet = new byte[IpHeader + UdpHeader + Payload];
    private volatile bool isStopping;

    /// <param name="outside">Where the requests come from, with a way to the server.</param>
    /// <param name="portOf">The server's port for connection i.</param>
    public OpenConnections(Netns outside, Station server, int count, Func<int, ushort> portOf)
    {
        ports = [.. Enumerable.Range(0, count).Select(portOf)];
        answered = new int[count];
        var address = server.Addresses.First(a => a.IsIPv4);
        destination = address.At(0).Serialize();
        servers = server.Netns.Enter(() => ports.Distinct().Select(p => Listen(address, p)).ToArray());
        client = outside.Enter(() =>
        {
            // Nobody listens at the source ports: the kernel shall not tell the server so.
            File.WriteAllText("/proc/sys/net/ipv4/icmp_ratelimit", "100000000");
            var raw = new Socket(AddressFamily.InterNetwork, SocketType.Raw, ProtocolType.Udp) { ReceiveBufferSize = 64 << 20 };
            raw.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.HeaderIncluded, true);
            return raw;
        });
        packet[0] = 0x45; // IPv4, five words of header; the kernel fills in length, identification and checksum (raw(7))
        packet[8] = 64;
        packet[9] = IpProtocol.Udp;
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(16), address.IPv4Bits);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(IpHeader), SourcePort);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(IpHeader + 4), UdpHeader + Payload);
        foreach (var socket in servers)
        {
            new Thread(() => Echo(socket)) { IsBackground = true }.Start();
        }

        new Thread(Receive) { IsBackground = true }.Start();
    }

    /// <summary>The addresses that requests come from.</summary>
    public static Prefix Sources => Prefix.Parse("100.64.0.0/10");

    public int Count => ports.Length;

    /// <summary>Sends rounds of one request on each connection, evenly paced.</summary>
    /// <param name="perSecond">Requests a second, over all connections.</param>
    public async Task<Traffic> RunAsync(int perSecond, int rounds)
    {
        var before = (int[])answered.Clone();
        var clock = Stopwatch.StartNew();
        long sent = 0;
        for (var round = 0; round < rounds; round++)
        {
            for (var i = 0; i < Count; i++)
            {
                Send(i);
                sent++;
                while (clock.Elapsed.TotalSeconds * perSecond < sent)
                {
                    Thread.Yield();
                }
            }
        }

        var took = clock.Elapsed;
        await SettleAsync();
        return new(rounds, [.. answered.Select((a, i) => a - before[i])], took);
    }

    public void Dispose()
    {
        isStopping = true;
        foreach (var socket in servers.Append(client))
        {
            socket.Dispose();
        }
    }

    /// <summary>Waits until no answer has come for a while.</summary>
    private async Task SettleAsync()
    {
        var last = -1L;
        while (answered.Sum(a => (long)a) is var now && now != last)
        {
            last = now;
            await Task.Delay(Straggling);
        }
    }

    private void Send(int connection)
    {
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(12), Sources.Network.IPv4Bits + 1 + (uint)connection);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(IpHeader + 2), ports[connection]);
        BinaryPrimitives.WriteInt32BigEndian(packet.AsSpan(IpHeader + UdpHeader), connection);
        client.SendTo(packet, SocketFlags.None, destination);
    }

    private static Socket Listen(IpAddress address, ushort port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveBufferSize = 64 << 20 };
        socket.Bind(address.At(port));
        return socket;
    }

    private void Echo(Socket socket)
    {
        var buffer = new byte[64];
        var from = new SocketAddress(AddressFamily.InterNetwork);
        try
        {
            while (true)
            {
                var length = socket.ReceiveFrom(buffer, SocketFlags.None, from);
                socket.SendTo(buffer.AsSpan(0, length), SocketFlags.None, from);
            }
        }
        catch (SocketException) when (isStopping)
        {
            // Closed under it, as it should be.
            return;
        }
    }

    private void Receive()
    {
        var buffer = new byte[256];
        try
        {
            while (true)
            {
                var datagram = buffer.AsSpan(0, client.Receive(buffer));
                if (datagram.Length == packet.Length)
                {
                    answered[BinaryPrimitives.ReadInt32BigEndian(datagram[(IpHeader + UdpHeader)..])]++;
                }
            }
        }
        catch (SocketException) when (isStopping)
        {
            return;
        }
    }
}

/// <summary>What became of rounds of requests.</summary>
/// <param name="Answered">By connection.</param>
internal sealed record Traffic(int Rounds, int[] Answered, TimeSpan Took)
{
    public long Lost(Func<int, bool> counts) => Answered.Select((n, i) => counts(i) ? (long)(Rounds - n) : 0).Sum();

    public long Passed(Func<int, bool> counts) => Answered.Select((n, i) => counts(i) ? (long)n : 0).Sum();
}
