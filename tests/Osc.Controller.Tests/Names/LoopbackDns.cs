using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Osc.Controller.Tests.Names;

/// <summary>A DNS server (RFC 1035) on a free UDP port of the loopback address. It answers what it was told, and knows of no other name.</summary>
internal sealed class LoopbackDns : IAsyncDisposable
{
    public const byte ServerFailure = 2;

    private const byte NoSuchName = 3;
    private const ushort TypeA = 1;
    private const ushort TypeCname = 5;
    private const ushort TypeAaaa = 28;

    private readonly ConcurrentDictionary<string, Answer> answers = [];
    private readonly CancellationTokenSource stop = new();
    private readonly Socket socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly Task serving;

    public LoopbackDns()
    {
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        serving = ServeAsync();
    }

    public IPEndPoint Endpoint => (IPEndPoint)socket.LocalEndPoint!; // it is bound

    /// <summary>From now on a name has these addresses.</summary>
    public void Say(string fqdn, int timeToLive, params string[] addresses) => answers[fqdn] = new(timeToLive, [.. addresses.Select(IPAddress.Parse)]);

    /// <summary>From now on a name is another name for one that has these addresses.</summary>
    public void SayAlias(string fqdn, int timeToLive, int timeToLiveOfTarget, params string[] addresses) =>
        answers[fqdn] = new(timeToLiveOfTarget, [.. addresses.Select(IPAddress.Parse)]) { AliasTimeToLive = timeToLive };

    /// <summary>From now on a name's IPv6 addresses are not told, or neither family's.</summary>
    public void Fail(string fqdn, params string[] addresses) => answers[fqdn] = new(60, [.. addresses.Select(IPAddress.Parse)]) { Fails = true };

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await serving;
        socket.Dispose();
        stop.Dispose();
    }

    private async Task ServeAsync()
    {
        var buffer = new byte[512];
        try
        {
            while (true)
            {
                var received = await socket.ReceiveFromAsync(buffer, SocketFlags.None, new IPEndPoint(IPAddress.Any, 0), stop.Token);
                await socket.SendToAsync(Reply(buffer.AsSpan(0, received.ReceivedBytes)), SocketFlags.None, received.RemoteEndPoint, stop.Token);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return;
        }
    }

    private byte[] Reply(ReadOnlySpan<byte> query)
    {
        var (name, end) = ReadName(query, 12);
        var type = BinaryPrimitives.ReadUInt16BigEndian(query[end..]);
        var question = query[12..(end + 4)];
        var answer = answers.GetValueOrDefault(name);
        var family = type == TypeAaaa ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork;
        var found = answer?.Addresses.Where(a => a.AddressFamily == family).ToArray() ?? [];
        var fails = answer is { Fails: true } && found.Length == 0;
        var records = new List<byte>();
        var count = fails ? 0 : found.Length;
        if (answer?.AliasTimeToLive is { } timeToLive && !fails)
        {
            AddRecord(records, TypeCname, timeToLive, [0xc0, 12]);
            count++;
        }

        foreach (var address in fails ? [] : found)
        {
            AddRecord(records, type == TypeAaaa ? TypeAaaa : TypeA, answer!.TimeToLive, address.GetAddressBytes()); // it has addresses
        }

        var code = fails ? ServerFailure : answer is null ? NoSuchName : (byte)0;
        byte[] header = [query[0], query[1], 0x81, (byte)(0x80 | code), 0, 1, 0, (byte)count, 0, 0, 0, 0];
        return [.. header, .. question, .. records];
    }

    private static (string Name, int End) ReadName(ReadOnlySpan<byte> query, int at)
    {
        var labels = new List<string>();
        while (query[at] != 0)
        {
            labels.Add(Encoding.ASCII.GetString(query.Slice(at + 1, query[at])));
            at += query[at] + 1;
        }

        return (string.Join('.', labels).ToLowerInvariant(), at + 1);
    }

    /// <summary>A record of the name that was asked for.</summary>
    private static void AddRecord(List<byte> records, ushort type, int timeToLive, byte[] data)
    {
        Span<byte> fixedPart = stackalloc byte[12];
        BinaryPrimitives.WriteUInt16BigEndian(fixedPart, 0xc00c);
        BinaryPrimitives.WriteUInt16BigEndian(fixedPart[2..], type);
        BinaryPrimitives.WriteUInt16BigEndian(fixedPart[4..], 1);
        BinaryPrimitives.WriteInt32BigEndian(fixedPart[6..], timeToLive);
        BinaryPrimitives.WriteUInt16BigEndian(fixedPart[10..], (ushort)data.Length);
        records.AddRange(fixedPart);
        records.AddRange(data);
    }

    private sealed record Answer(int TimeToLive, IPAddress[] Addresses)
    {
        public int? AliasTimeToLive { get; init; }

        public bool Fails { get; init; }
    }
}
