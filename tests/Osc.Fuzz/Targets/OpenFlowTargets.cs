using System.Buffers.Binary;
using System.Text;
using Osc.Agent.Reject;
using Osc.Agent.Traffic;
using Osc.Flows;
using Osc.Fuzz.Engine;
using Osc.Model;
using Osc.Switch;
using Osc.Switch.OpenFlow;
using Osc.Switch.Reconcile;

namespace Osc.Fuzz.Targets;

/// <summary>What a switch says: flow entries, whole connections with dumps and announcements, and packets of guests that it passes on.</summary>
internal static class OpenFlowTargets
{
    private const uint FirstTransaction = 3; // after hello and features

    /// <summary>Hello and features request, and the request for a dump of flows.</summary>
    private const int GreetingBytes = 16 + 8, DumpBytes = 8 + 48;

    private static readonly PortName Bridge = PortName.Parse("br0");

    private static readonly SwitchSockets Sockets = SwitchSockets.In(Scratch.NewFolder());

    private static readonly Lazy<RawPeer> Peer = new(() => new(Sockets.Management(Bridge)));

    private static readonly byte[] Greeting = [.. Message(0, 1, [0, 1, 0, 8, 0, 0, 0, 1 << Protocol.Version]), .. Message(6, 2, new byte[24])];

    private static readonly PortBinding Ports = PortBinding.Of(Enumerable.Range(1, 9).ToDictionary(i => PortName.Parse($"p{i}"), i => (uint)i));

    public static IReadOnlyList<FuzzTarget> List { get; } =
    [
        new() { Name = "openflow-entries", MaxBytes = 2 * 1024, Seeds = () => Entries().Concat(Announcements()), Run = ReadEntry, Mend = MendEntry },
        new() { Name = "openflow-connections", MaxBytes = 4 * 1024, Seeds = Streams, Run = Connect, Mend = MendMessages, UsesThreads = true },
        new() { Name = "rejected-packets", MaxBytes = 600, Seeds = Frames, Run = Reject },
    ];

    /// <summary>Flow entries of a dump, a port description, meters, an error: each after a byte that says which reader it is for.</summary>
    private static IEnumerable<byte[]> Entries()
    {
        foreach (var line in FlowTargets.Lines())
        {
            var flow = FlowTextParser.Parse(line);
            using var buffer = new MessageBuffer();
            var numbers = new Dictionary<PortName, uint>();
            FlowPorts.Visit(flow, numbers, static (known, port) => known.TryAdd(port, (uint)known.Count + 1));
            if (FlowEncoder.Encode(flow, PortBinding.Of(numbers), buffer, out var entry) is null)
            {
                yield return [0, .. Described(entry)];
            }
        }
    }

    private static byte[] Described(FlowEntry entry)
    {
        using var to = new MessageBuffer();
        to.UInt16(0);
        to.UInt16(0);
        to.Byte(entry.Table);
        to.Byte(0);
        to.UInt16(entry.Priority);
        to.UInt64(0);
        to.UInt64(entry.Cookie);
        var match = to.Length;
        to.UInt16(Protocol.OxmMatch);
        to.UInt16((ushort)(4 + entry.Match.Length));
        to.Bytes(entry.Match);
        to.PadFrom(match);
        to.Bytes([0, 0, 0, 4 + 12 + 12, 0x80, 2, 0, 8, 0, 0, 0, 1, 0, 0, 0, 2, 0x80, 2, 4 << 1, 8, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0, 0]);
        to.Bytes(entry.Instructions);
        to.SetLength(0, to.Length);
        return to.Written.ToArray();
    }

    private static IEnumerable<byte[]> Announcements()
    {
        byte[] match = [0, 1, 0, 4 + 8 + 12, 0x80, 0, 0, 4, 0, 0, 0, 1, 0, 1, 3, 8, 0, 0, 0, 0x10, 0, 0, 0, 0xf0];
        byte[] packet = [255, 255, 255, 255, 0, 60, 0, 20, 0, 0, 0, 0, 0, 0, 0, 7, .. match, 0, 0, .. Frames().First()];
        byte[] removed = [20, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7, .. match, 0, 0, 0, 4 + 12, 0x80, 2, 4 << 1, 8, 0, 0, 0, 0, 0, 0, 0, 9];
        byte[] update = [0, 16, 0, 0, 0, 0, 0, 0, 0, 40, 0, 1, 7, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7, .. match.AsSpan(0, 8), 0, 8, 0, 6, 0, 0, 0, 1];
        byte[] port = [0, 0, 0, 1, 0, 40, 0, 0, 2, 0, 0, 0, 0, 1, 0, 0, .. Encoding.ASCII.GetBytes("vif1.0"), .. new byte[10], 0, 0, 0, 0, 0, 0, 0, 4];
        return [[1, .. packet], [2, .. removed], [3, .. update], [4, .. port], [5, 0, 4, 0, 9, 1, 2, 3, 4], [5, 255, 255, 0, 15, 0, 0, 0x23, 0x20]];
    }

    /// <summary>Replies to a dump of flows, with announcements before and between.</summary>
    private static IEnumerable<byte[]> Streams()
    {
        var entries = Entries().Take(4).SelectMany(e => e[1..]).ToArray();
        var all = Announcements().ToArray();
        yield return Message(19, FirstTransaction, [0, 1, 0, 0, 0, 0, 0, 0, .. entries]);
        yield return [.. Message(2, 0, [1, 2, 3]), .. Message(10, 0, all[0][1..]), .. Message(19, FirstTransaction, [0, 1, 0, 1, 0, 0, 0, 0, .. entries]), .. Message(19, FirstTransaction, [0, 1, 0, 0, 0, 0, 0, 0])];
        yield return [.. Message(11, 0, all[1][1..]), .. Message(19, FlowMonitor.Transaction, all[2][1..]), .. Message(1, uint.MaxValue, [0, 1, 0, 1]), .. Message(1, FirstTransaction, [0, 1, 0, 5, 1])];
    }

    private static byte[] Message(byte type, uint transaction, byte[] body)
    {
        byte[] message = [Protocol.Version, type, 0, 0, 0, 0, 0, 0, .. body];
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(2), (ushort)message.Length);
        BinaryPrimitives.WriteUInt32BigEndian(message.AsSpan(4), transaction);
        return message;
    }

    private static string ReadEntry(byte[] input)
    {
        var reader = new WireReader(input.AsSpan(Math.Min(1, input.Length)));
        var what = input.Length == 0 ? 0 : input[0] % 6;
        var shape = what switch
        {
            0 => Decode(FlowEntry.Read(ref reader), reader.Error),
            1 => Describe(PacketMessages.Read(Bridge, ref reader)),
            2 => RemovedFlow.Read(Bridge, ref reader).Table.ToString("x", null),
            3 => FlowMonitor.Read(ref reader)?.ToString() ?? "nobody",
            4 => PortDescription.Read(ref reader).IsDown ? "down" : "up",
            _ => OpenFlowError.Read(ref reader).ToString(),
        };
        return $"{what}: {Shape.Of(reader.Error ?? shape)}";
    }

    private static string Describe(PacketIn packet)
    {
        RejectAnswer.To(packet.Frame.Span);
        return LoggedPackets.Read(packet, DateTimeOffset.UnixEpoch, 1) is { } logged ? $"{logged.Side} {logged.SourcePort is null} {logged.IcmpType is null}" : "not logged";
    }

    /// <summary>A flow that a dump describes encodes as bytes that decode as the same flow.</summary>
    private static string Decode(FlowEntry entry, string? broken)
    {
        var print = Fingerprint.Of(entry, out var unread);
        var isTaken = FlowDecoder.TryDecode(entry, static n => n is > 0 and < 10 ? PortName.Parse($"p{n}") : null, out var flow, out var error);
        Oracle.Holds(isTaken == error is null, "a flow or a reason");
        if (broken is not null || !isTaken)
        {
            return broken ?? error ?? "";
        }

        Oracle.Holds(unread is null, "a flow that decodes has a fingerprint");
        using var buffer = new MessageBuffer();
        if (FlowEncoder.Encode(flow!, Ports, buffer, out var again) is { } refused)
        {
            return refused;
        }

        Oracle.Holds(FlowDecoder.TryDecode(again, static n => PortName.Parse($"p{n}"), out var same, out _) && same == flow, "an encoded flow is the same flow");
        Oracle.Same(flow!, FlowTextParser.Parse(FlowText.Print(flow!)), "a decoded flow prints as the same flow");
        return $"{print.Key == default} {string.Join(",", flow!.Actions.Select(a => a.GetType().Name).Distinct())}";
    }

    private static string Connect(byte[] input) => Peer.Value.Play(() => DumpAsync(), (GreetingBytes, Greeting), (DumpBytes, input));

    private static async Task<string> DumpAsync()
    {
        var (flows, told) = (0, 0);
        try
        {
            var announcements = new Announcements(_ => told++, _ => told++, _ => told++);
            await using var connection = await OpenFlowConnection.OpenAsync((Sockets, Bridge), SwitchTiming.Default, TimeProvider.System, announcements, CancellationToken.None);
            await FlowDump.RunAsync(connection, (in entry) => flows += Decode(entry, null).Length == 0 ? 0 : 1, CancellationToken.None);
            return $"{Math.Min(flows, 9)} flows, {Math.Min(told, 9)} told";
        }
        catch (ConnectionLostException e)
        {
            return Shape.Of(e.Message.Replace(Sockets.RunDirectory, "", StringComparison.Ordinal));
        }
    }

    private static byte[] MendEntry(byte[] input)
    {
        if (input.Length > 3 && input[0] % 6 == 0)
        {
            BinaryPrimitives.WriteUInt16BigEndian(input.AsSpan(1), (ushort)(input.Length - 1));
        }

        return input;
    }

    /// <summary>Each message has the length up to where the next one seems to begin.</summary>
    private static byte[] MendMessages(byte[] input)
    {
        for (var start = 0; start + Protocol.HeaderBytes <= input.Length;)
        {
            var next = start + Protocol.HeaderBytes;
            while (next < input.Length && !(next + Protocol.HeaderBytes <= input.Length && input[next] == Protocol.Version && input[next + 1] is 1 or 2 or 10 or 11 or 19 && input[next + 4] == 0 && input[next + 5] == 0))
            {
                next++;
            }

            input[start] = Protocol.Version;
            BinaryPrimitives.WriteUInt16BigEndian(input.AsSpan(start + 2), (ushort)(next - start));
            start = next;
        }

        return input;
    }

    /// <summary>TCP and ICMP over IPv4, UDP over IPv6 with an extension header.</summary>
    private static IEnumerable<byte[]> Frames()
    {
        byte[] macs = [2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2];
        byte[] tcp = [0, 80, 200, 1, 0, 0, 0, 1, 0, 0, 0, 2, 0x50, 2, 255, 255, 0, 0, 0, 0];
        yield return [.. macs, 8, 0, 0x45, 0, 0, 40, 0, 0, 0x40, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2, .. tcp];
        yield return [.. macs, 8, 0, 0x45, 0, 0, 28, 0, 0, 0x40, 0, 64, 1, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2, 8, 0, 0, 0, 0, 0, 0, 0];
        yield return [.. macs, 0x86, 0xdd, 0x60, 0, 0, 0, 0, 16, 0, 64, 0xfd, .. new byte[14], 1, 0xfd, .. new byte[14], 2, 17, 0, 1, 4, 0, 0, 0, 0, 0, 53, 0, 53, 0, 8, 0, 0];
    }

    private static string Reject(byte[] frame)
    {
        if (RejectAnswer.To(frame) is not { } answer)
        {
            return "no answer";
        }

        Oracle.Holds(answer.Length <= Math.Max(frame.Length + 100, 1300), "an answer is no longer than what a link takes");
        Oracle.Holds(answer.AsSpan(0, 6).SequenceEqual(frame.AsSpan(6, 6)), "an answer goes to the sender");
        Oracle.Holds(RejectAnswer.To(answer) is null, "an answer is not answered");
        return $"{answer[12]:x} {answer[23]}";
    }
}
