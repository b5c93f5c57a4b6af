using System.Buffers.Binary;
using System.Diagnostics;
using System.Net.Sockets;

namespace Osc.Lab.Probes;

/// <summary>
/// Sends numbered UDP packets at an even pace on many pairs, those that policy permits and those that it forbids, and counts exactly which
/// of them arrive. Packets go one way, so that nothing a receiver does opens a way for a sender; each pair sends from several source ports
/// in turn, so that open connections and new ones are tried alike.
/// </summary>
/// <remarks>
/// <code>
/// 0       4         8
/// | pair  | number  |
/// </code>
/// Neighbours are entered by hand: ARP is not what is measured, and an entry that went stale would swallow packets in the sender.
/// </remarks>
public sealed class ProbeStreams : IAsyncDisposable
{
    private const int PacketBytes = 8;

    /// <summary>Source ports of a pair.</summary>
    private const int SocketsOfPair = 4;

    // Linux, socket(7): SOL_SOCKET, SO_RCVBUFFORCE. A receiver that does not run for a while must not be what loses packets.
    private const int SocketLevel = 1;
    private const int ReceiveBufferForce = 33;
    private const int ReceiveBufferBytes = 8 << 20;

    /// <summary>A port's socket, which has Linux's usual 208 KB, takes some 270 small packets (skb truesize 768).</summary>
    private const int MostAtOnce = 128;

    /// <summary>How long the last packets of a span may take.</summary>
    private static readonly TimeSpan Straggling = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(10);

    private readonly PairState[] pairs;
    private readonly List<Socket> listeners = [];
    private readonly CancellationTokenSource stop = new();
    private readonly Thread sending;
    private readonly int perSecond;
    private readonly List<Task> receiving = [];
    private readonly Lock gate = new();
    private long lastArrival = Stopwatch.GetTimestamp();
    private TimeSpan longestSilence;
    private Exception? failure;

    private ProbeStreams(IReadOnlyList<ProbedPair> pairs, int perSecond)
    {
        this.perSecond = perSecond;
        this.pairs = [.. pairs.Select(p => new PairState(p))];
        foreach (var pair in this.pairs)
        {
            pair.Open(SocketsOfPair);
        }

        foreach (var (station, address, port) in pairs.Select(p => (p.To, p.Connection.Destination, p.Connection.DestinationPort)).Distinct())
        {
            var socket = station.Netns.OpenSocket(address.Family(), SocketType.Dgram, ProtocolType.Udp);
            socket.SetRawSocketOption(SocketLevel, ReceiveBufferForce, BitConverter.GetBytes(ReceiveBufferBytes));
            socket.Bind(address.At(port));
            listeners.Add(socket);
            receiving.Add(ReceiveAsync(socket));
        }

        sending = new(Send) { IsBackground = true };
    }

    /// <summary>Starts sending.</summary>
    /// <param name="pairs">Of one network each: sender and receiver are neighbours.</param>
    /// <param name="perSecond">Packets a second on all pairs together.</param>
    public static async Task<ProbeStreams> StartAsync(IReadOnlyList<ProbedPair> pairs, int perSecond)
    {
        foreach (var (netns, address, mac) in pairs.Select(p => (p.From.Netns, p.Connection.Destination, p.To.Placed.Interface.Mac)).Distinct())
        {
            await netns.IpAsync($"neigh replace {address} lladdr {mac} dev {Station.InnerLink} nud permanent");
        }

        var streams = new ProbeStreams(pairs, perSecond);
        streams.sending.Start();
        return streams;
    }

    /// <summary>What was sent since the last call, and what of it arrived; sending goes on.</summary>
    public async Task<StreamsReport> CutAsync()
    {
        var until = pairs.Select(p => p.Sent).ToArray();
        var waited = Stopwatch.StartNew();
        while (waited.Elapsed < Straggling && pairs.Zip(until).Any(p => p.First.Pair.IsPermitted && p.First.ArrivedUntil(p.Second) < p.Second - p.First.Cut))
        {
            await Task.Delay(LookEvery);
        }

        if (failure is not null)
        {
            throw new LabException($"the probes could not be sent: {failure.Message}");
        }

        lock (gate)
        {
            var silence = longestSilence;
            longestSilence = TimeSpan.Zero;
            return new([.. pairs.Zip(until, (pair, end) => pair.CutAt(end))], silence);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        sending.Join();
        await Task.WhenAll(receiving);
        foreach (var listener in listeners)
        {
            listener.Dispose();
        }

        foreach (var pair in pairs)
        {
            pair.Dispose();
        }

        stop.Dispose();
    }

    private void Send()
    {
        var packet = new byte[PacketBytes];
        var clock = Stopwatch.StartNew();
        try
        {
            for (long sent = 0; !stop.Token.WaitHandle.WaitOne(1);)
            {
                // A late turn makes up for a few that were missed and leaves the others out: more at once than the switch's ports have
                // room for are lost whatever it does.
                var due = (long)(clock.Elapsed.TotalSeconds * perSecond);
                for (sent = Math.Max(sent, due - MostAtOnce); sent < due; sent++)
                {
                    var index = (int)(sent % pairs.Length);
                    BinaryPrimitives.WriteInt32BigEndian(packet, index);
                    pairs[index].Send(packet);
                }
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            failure = e; // for CutAsync
        }
    }

    private async Task ReceiveAsync(Socket socket)
    {
        var buffer = new byte[64];
        try
        {
            while (true)
            {
                if (await socket.ReceiveAsync(buffer, stop.Token) == PacketBytes && BinaryPrimitives.ReadInt32BigEndian(buffer) is var pair && pair < pairs.Length)
                {
                    pairs[pair].Arrive(BinaryPrimitives.ReadInt32BigEndian(buffer.AsSpan(4)));
                    NoteArrival(pairs[pair].Pair);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Disposed of.
        }
    }

    private void NoteArrival(ProbedPair pair)
    {
        if (pair.IsPermitted)
        {
            lock (gate)
            {
                var now = Stopwatch.GetTimestamp();
                var silence = Stopwatch.GetElapsedTime(lastArrival, now);
                longestSilence = silence > longestSilence ? silence : longestSilence;
                lastArrival = now;
            }
        }
    }

    private sealed class PairState(ProbedPair pair) : IDisposable
    {
        private readonly Lock gate = new();
        private readonly List<Socket> sockets = [];
        private readonly HashSet<int> arrived = [];

        public ProbedPair Pair { get; } = pair;

        /// <summary>The first number of the current span.</summary>
        public int Cut { get; private set; }

        public int Sent { get; private set; }

        public void Open(int count)
        {
            for (var i = 0; i < count; i++)
            {
                var socket = Pair.From.Netns.OpenSocket(Pair.Connection.Source.Family(), SocketType.Dgram, ProtocolType.Udp);
                socket.Bind(Pair.Connection.Source.At(0));
                socket.Connect(Pair.Connection.Destination.At(Pair.Connection.DestinationPort));
                sockets.Add(socket);
            }
        }

        public void Send(byte[] packet)
        {
            BinaryPrimitives.WriteInt32BigEndian(packet.AsSpan(4), Sent);
            var socket = sockets[Sent % sockets.Count];
            try
            {
                socket.Send(packet);
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.ConnectionRefused or SocketError.HostUnreachable or SocketError.AccessDenied or SocketError.NetworkUnreachable)
            {
                // An ICMP error about an earlier packet comes up here, and this one was not sent.
                socket.Send(packet);
            }

            Sent++;
        }

        public void Arrive(int number)
        {
            lock (gate)
            {
                arrived.Add(number);
            }
        }

        /// <summary>How many of the current span's packets before a number have arrived.</summary>
        public int ArrivedUntil(int end)
        {
            lock (gate)
            {
                return arrived.Count(n => n >= Cut && n < end);
            }
        }

        public PairReport CutAt(int end)
        {
            lock (gate)
            {
                var report = new PairReport(Pair, end - Cut, arrived.Count(n => n >= Cut && n < end));
                arrived.RemoveWhere(n => n < end);
                Cut = end;
                return report;
            }
        }

        public void Dispose() => sockets.ForEach(s => s.Dispose());
    }
}
