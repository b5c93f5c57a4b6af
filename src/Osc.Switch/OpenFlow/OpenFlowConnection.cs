using System.Net.Sockets;
using System.Threading.Channels;
using Osc.Model;

namespace Osc.Switch.OpenFlow;

/// <summary>
/// An OpenFlow 1.5 connection to one bridge, over its management socket. One exchange at a time; echo goes on besides:
/// <code>
///  exchange -- SendAsync --> socket --> ReadLoop --> the exchange's IReplyReader
///                 ^                        |
///                 +------ EchoLoop &lt;-------+   (answers, and probes a silent switch)
/// </code>
/// The read loop never writes: a switch stops reading while its own replies are not taken, so a reader that waits to
/// write could wait for ever. It has a thread of its own, and both directions block in plain system calls: on a machine
/// whose processors are busy, each thread that a byte passes through costs a turn of the scheduler, and a large bundle
/// waits for the switch some dozen times.
/// </summary>
internal sealed class OpenFlowConnection : IAsyncDisposable
{
    private const int MaxWaitingEchoes = 16;

    /// <summary>As much as the system allows (net.core.wmem_max): the fuller the pipe, the less often a large bundle waits for the switch.</summary>
    private const int SendBufferBytes = 4 * 1024 * 1024;

    private readonly Socket socket;
    private readonly SwitchTiming timing;
    private readonly TimeProvider clock;
    private readonly string path;
    private readonly Announcements announcements;
    private readonly PortName bridge;
    private readonly SemaphoreSlim writing = new(1);
    private readonly Channel<byte[]> echoes = Channel.CreateBounded<byte[]>(new BoundedChannelOptions(MaxWaitingEchoes) { FullMode = BoundedChannelFullMode.DropOldest });
    private readonly TaskCompletionSource<bool> ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock gate = new();
    private IReplyReader? reader;
    private ConnectionLostException? lost;
    private long lastHeard;
    private uint transaction;
    private Task loops = Task.CompletedTask;

    private OpenFlowConnection(Socket socket, (string Path, PortName Bridge) at, SwitchTiming timing, TimeProvider clock, Announcements announcements)
    {
        socket.SendBufferSize = SendBufferBytes;
        this.socket = socket;
        (path, bridge) = at;
        this.announcements = announcements;
        this.timing = timing;
        this.clock = clock;
        lastHeard = clock.GetTimestamp();
    }

    public bool IsLost
    {
        get
        {
            lock (gate)
            {
                return lost is not null;
            }
        }
    }

    /// <summary>Comes true when the connection is lost; false when its owner disposes of it.</summary>
    public Task<bool> Ended => ended.Task;

    /// <summary>What the switch said of itself.</summary>
    public Features Features { get; private set; }

    /// <exception cref="ConnectionLostException">No such bridge or switch, or it does not speak OpenFlow 1.5.</exception>
    public static async Task<OpenFlowConnection> OpenAsync(
        (SwitchSockets Sockets, PortName Bridge) at, SwitchTiming timing, TimeProvider clock, Announcements announcements, CancellationToken cancellation)
    {
        var (sockets, bridge) = at;
        var path = sockets.Management(bridge);
        var absent = Directory.Exists(sockets.RunDirectory) && File.Exists(sockets.Database)
            ? $"the switch has no bridge '{bridge}'"
            : $"no Open vSwitch runs in {sockets.RunDirectory}";
        var connection = new OpenFlowConnection(UnixConnection.Connect(path, absent), (path, bridge), timing, clock, announcements);
        var reading = Task.Factory.StartNew(connection.ReadLoop, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        connection.loops = Task.WhenAll(reading, connection.EchoLoopAsync(), connection.ProbeLoopAsync());
        try
        {
            await connection.GreetAsync(cancellation);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>A number for a request, or the first of <paramref name="count"/> numbers.</summary>
    public uint NextTransaction(int count = 1)
    {
        var first = transaction + 1;
        transaction += (uint)count;
        return first;
    }

    /// <summary>Directs what the switch sends from now on to a new exchange.</summary>
    public void Begin(IReplyReader next)
    {
        lock (gate)
        {
            reader = next;
            if (lost is not null)
            {
                next.Lose(lost);
            }
        }
    }

    /// <summary>Sends whole messages; blocks while the switch takes nothing.</summary>
    /// <exception cref="ConnectionLostException">The connection broke.</exception>
    public async ValueTask SendAsync(ReadOnlyMemory<byte> messages, CancellationToken cancellation)
    {
        await writing.WaitAsync(cancellation);
        try
        {
            // Cancelled in the middle, part of a message may be out, and the stream makes no sense any longer.
            using var giveUp = cancellation.Register(() => Lose($"the connection to {path} was given up: the call was cancelled", null));
            while (!messages.IsEmpty)
            {
                messages = messages[socket.Send(messages.Span)..];
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            Lose($"the connection to {path} broke: {e.Message}", e);
            cancellation.ThrowIfCancellationRequested();
            lock (gate)
            {
                throw lost!; // Lose has just set it, if it was not set before.
            }
        }
        finally
        {
            writing.Release();
        }
    }

    /// <summary>Gives the connection up; a bundle that is not committed is forgotten by the switch.</summary>
    public async ValueTask DisposeAsync()
    {
        ended.TrySetResult(false);
        Lose($"the connection to {path} was closed", null);
        await loops;
        socket.Dispose();
        writing.Dispose();
    }

    private void Lose(string reason, Exception? cause)
    {
        lock (gate)
        {
            if (lost is null)
            {
                lost = cause is null ? new(reason) : new(reason, cause);
                echoes.Writer.Complete();
                reader?.Lose(lost);
                ended.TrySetResult(true);
                ShutDown();
            }
        }
    }

    private void ShutDown()
    {
        try
        {
            // Wakes the read loop, which then ends.
            socket.Shutdown(SocketShutdown.Both);
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.NotConnected)
        {
            // The switch was faster; the read loop sees it too.
        }
    }

    /// <summary>Both sides say which versions they speak; then the switch says what it can (OpenFlow 1.5.1 sections 6.3.1, 7.3.1).</summary>
    private async Task GreetAsync(CancellationToken cancellation)
    {
        using var buffer = new MessageBuffer();
        MessageHeader.Write(buffer, MessageType.Hello, NextTransaction(), 8);
        buffer.UInt16(1); // OFPHET_VERSIONBITMAP
        buffer.UInt16(8);
        buffer.UInt32(1u << Protocol.Version);
        MessageHeader.Write(buffer, MessageType.FeaturesRequest, NextTransaction(), 0);
        var greeting = new Greeting();
        Begin(greeting);
        await SendAsync(buffer.Memory, cancellation);
        Features = await greeting.Answer.WaitAsync(cancellation);
    }

    private void ReadLoop()
    {
        // Holds the longest message; what is left of a message moves to the front.
        var buffer = new byte[Protocol.MaxMessageBytes + 1];
        var filled = 0;
        try
        {
            while (true)
            {
                var count = socket.Receive(buffer.AsSpan(filled));
                if (count == 0)
                {
                    Lose($"the switch closed the connection to {path}", null);
                    return;
                }

                Volatile.Write(ref lastHeard, clock.GetTimestamp());
                filled += count;
                if (TakeMessages(buffer.AsSpan(0, filled), out var taken) is { } error)
                {
                    Lose($"{path}: {error}", null);
                    return;
                }

                buffer.AsSpan(taken, filled - taken).CopyTo(buffer);
                filled -= taken;
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            Lose($"the connection to {path} broke: {e.Message}", e);
        }
    }

    /// <summary>Deals with all whole messages.</summary>
    /// <returns>Null, or what was wrong with one.</returns>
    private string? TakeMessages(ReadOnlySpan<byte> bytes, out int taken)
    {
        taken = 0;
        while (bytes.Length - taken >= Protocol.HeaderBytes)
        {
            var start = new WireReader(bytes[taken..]);
            var header = MessageHeader.Read(ref start);
            if (header.Length < Protocol.HeaderBytes)
            {
                return $"a message of {header.Length} bytes";
            }

            if (bytes.Length - taken < header.Length)
            {
                return null;
            }

            var message = new WireReader(bytes.Slice(taken + Protocol.HeaderBytes, header.Length - Protocol.HeaderBytes));
            Deal(header, ref message);
            if (message.Error is { } error)
            {
                return $"malformed {header.Type} message: {error}";
            }

            taken += header.Length;
        }

        return null;
    }

    private void Deal(MessageHeader header, ref WireReader message)
    {
        if (header.Version != Protocol.Version && header.Type is not (MessageType.Hello or MessageType.Error))
        {
            message.Fail($"OpenFlow version byte {header.Version} where {Protocol.Version} was agreed");
            return;
        }

        switch (header.Type)
        {
            case MessageType.EchoRequest:
                using (var answer = new MessageBuffer(64))
                {
                    MessageHeader.Write(answer, MessageType.EchoReply, header.Transaction, message.Left);
                    answer.Bytes(message.Take(message.Left));
                    echoes.Writer.TryWrite(answer.Written.ToArray());
                }

                break;
            case MessageType.EchoReply:
            case MessageType.Error when header.Transaction == PacketMessages.Transaction:
                break;
            case MessageType.PacketIn:
                var packet = PacketMessages.Read(bridge, ref message);
                if (message.Error is null)
                {
                    announcements.Packet?.Invoke(packet);
                }

                break;
            case MessageType.FlowRemoved:
                var removed = RemovedFlow.Read(bridge, ref message);
                if (message.Error is null)
                {
                    announcements.Removed?.Invoke(removed);
                }

                break;
            case MessageType.MultipartReply when header.Transaction is FlowMonitor.Transaction or PacketMessages.Transaction:
                if (FlowMonitor.Read(ref message) is { } owner)
                {
                    announcements.Touched?.Invoke(owner);
                }

                break;
            default:
                lock (gate)
                {
                    reader?.Read(header, ref message);
                }

                break;
        }
    }

    private async Task EchoLoopAsync()
    {
        try
        {
            await foreach (var echo in echoes.Reader.ReadAllAsync())
            {
                await SendAsync(echo, CancellationToken.None);
            }
        }
        catch (ConnectionLostException)
        {
            // Whoever uses the connection has been told by Lose.
        }
    }

    /// <summary>Asks a silent switch for an echo, and gives it up when it stays silent.</summary>
    private async Task ProbeLoopAsync()
    {
        using var probe = new MessageBuffer(64);
        MessageHeader.Write(probe, MessageType.EchoRequest, 0, 0);
        using var timer = new PeriodicTimer(timing.ProbeInterval, clock);
        using var end = new CancellationTokenSource();
        var stopping = Ended.ContinueWith(_ => end.Cancel(), TaskScheduler.Default);
        try
        {
            while (await timer.WaitForNextTickAsync(end.Token))
            {
                var silence = clock.GetElapsedTime(Volatile.Read(ref lastHeard));
                if (silence >= timing.SilenceLimit)
                {
                    Lose($"the switch behind {path} has not answered for {silence.TotalSeconds:0} s", null);
                }
                else if (silence >= timing.ProbeInterval)
                {
                    echoes.Writer.TryWrite(probe.Written.ToArray());
                }
            }
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // The connection is lost: nothing is left to probe.
        }

        await stopping;
    }
}
