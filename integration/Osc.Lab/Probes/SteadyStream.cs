using System.Buffers.Binary;
using System.Diagnostics;
using System.Net.Sockets;
using Osc.Model;

namespace Osc.Lab.Probes;

/// <summary>What became of a steady stream of requests.</summary>
/// <param name="LongestGap">The longest time between two answers.</param>
public sealed record StreamReport(int Sent, int Answered, TimeSpan LongestGap)
{
    public int Lost => Sent - Answered;
}

/// <summary>
/// Sends numbered UDP requests at an even pace, to a <see cref="Responder"/>, and counts the answers: what is lost while
/// something is restarted or changed shows as a difference.
/// </summary>
public sealed class SteadyStream : IAsyncDisposable
{
    /// <summary>How long the last answers may take.</summary>
    private static readonly TimeSpan Straggling = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How many requests at most go out in one tick to make up for late ones: a burst of hundreds, after the machine was busy elsewhere, would be
    /// lost in the sockets' own buffers, whatever the switch does.
    /// </summary>
    private const int MaxPerTick = 4;

    private readonly Socket socket;
    private readonly CancellationTokenSource stopSending = new();
    private readonly CancellationTokenSource stopReceiving = new();
    private readonly Task<int> sending;
    private readonly Task<(int Answered, TimeSpan Gap)> receiving;

    private SteadyStream(Socket socket, int perSecond)
    {
        this.socket = socket;
        receiving = ReceiveAsync();
        sending = SendAsync(perSecond);
    }

    /// <param name="connection">UDP; its source is one of the station's addresses.</param>
    /// <param name="perSecond">Requests per second, 1 to 1000.</param>
    public static SteadyStream Start(Station from, Connection connection, int perSecond)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(connection.Protocol, IpProtocol.Udp);
        ArgumentOutOfRangeException.ThrowIfLessThan(perSecond, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(perSecond, 1000);
        var socket = from.Netns.OpenSocket(connection.Source.Family(), SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(connection.Source.At(0));
        socket.Connect(connection.Destination.At(connection.DestinationPort));
        return new(socket, perSecond);
    }

    /// <summary>Stops sending and waits for the last answers.</summary>
    public async Task<StreamReport> StopAsync()
    {
        await stopSending.CancelAsync();
        var sent = await sending;
        stopReceiving.CancelAfter(Straggling);
        var (answered, gap) = await receiving;
        return new(sent, answered, gap);
    }

    public async ValueTask DisposeAsync()
    {
        await stopSending.CancelAsync();
        await stopReceiving.CancelAsync();
        await Task.WhenAll(sending, receiving);
        socket.Dispose();
        stopSending.Dispose();
        stopReceiving.Dispose();
    }

    private async Task<int> SendAsync(int perSecond)
    {
        var request = new byte[4];
        var sent = 0;
        var clock = Stopwatch.StartNew();
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / perSecond));
        try
        {
            while (await timer.WaitForNextTickAsync(stopSending.Token))
            {
                // A late tick makes up for those that were missed.
                for (var due = Math.Min((int)(clock.Elapsed.TotalSeconds * perSecond), sent + MaxPerTick); sent < due; sent++)
                {
                    BinaryPrimitives.WriteInt32BigEndian(request, sent);
                    await SendOneAsync(request);
                }
            }
        }
        catch (OperationCanceledException)
        {
            return sent;
        }

        return sent;
    }

    private async Task SendOneAsync(byte[] request)
    {
        try
        {
            await socket.SendAsync(request);
        }
        catch (SocketException)
        {
            // An ICMP error about an earlier request comes up here: that one is lost, and this one with it. Both count as sent.
            return;
        }
    }

    private async Task<(int Answered, TimeSpan Gap)> ReceiveAsync()
    {
        var seen = new HashSet<int>();
        var buffer = new byte[16];
        var gap = TimeSpan.Zero;
        var last = Stopwatch.GetTimestamp();
        while (!stopReceiving.IsCancellationRequested)
        {
            try
            {
                if (await socket.ReceiveAsync(buffer, stopReceiving.Token) >= 4 && seen.Add(BinaryPrimitives.ReadInt32BigEndian(buffer)))
                {
                    var elapsed = Stopwatch.GetElapsedTime(last);
                    gap = elapsed > gap ? elapsed : gap;
                    last = Stopwatch.GetTimestamp();
                }
            }
            catch (OperationCanceledException)
            {
                break;
            }
            catch (SocketException)
            {
                // An ICMP error about a request: it stays without an answer.
                continue;
            }
        }

        return (seen.Count, gap);
    }
}
