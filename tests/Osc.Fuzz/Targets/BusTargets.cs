using Osc.Bus;
using Osc.Bus.Updates;
using Osc.Flows;
using Osc.Flows.Pipeline;
using Osc.Fuzz.Engine;
using Osc.Model;

namespace Osc.Fuzz.Targets;

/// <summary>Messages of the bus, both ways, and what they are used for. What is taken encodes as something that is taken, as the same bytes.</summary>
internal static class BusTargets
{
    private static readonly Name Host = Name.Parse("h1");

    private static readonly PortName Bridge = PortName.Parse("br-int");

    private static readonly HostFlows Held = FlowsOf(1, FlowTargets.Lines().Take(20));

    public static IReadOnlyList<FuzzTarget> List { get; } =
    [
        new() { Name = "bus-to-controller", Seeds = () => FromAgent().Select(BusJson.Encode), Run = ReadAgentMessage },
        new() { Name = "bus-to-agent", MaxBytes = 16 * 1024, Seeds = () => FromController().Select(BusJson.Encode), Run = ReadControllerMessage },
    ];

    public static HostFlows FlowsOf(long revision, IEnumerable<string> lines) =>
        new(Host, new(revision), [new(Bridge, FlowSet.Of(lines.Select(FlowTextParser.Parse).DistinctBy(f => f.Key)))]);

    private static AgentMessage[] FromAgent()
    {
        var digest = Held.Digest.ToString();
        var health = new AgentHealth("ready", 10, 20, 3, [new("audit-rewritten", "x", "y")], [new("netdev@ovs-netdev", 1, 2, 3)]);
        var port = new Port("vif1.0", 3, "iface", "uuid", "02:00:00:00:00:01", true, new(1, 0, "02:00:00:00:00:01", null));
        return
        [
            new() { Host = "h1", Hello = new("1.0", 1, digest, "3.1.0", DateTimeOffset.UnixEpoch, ["br-int"], null, health, "osc\n1\nAAAA\n") },
            new() { Host = "h1", Ack = new("u-1", 2, digest, 20, 1.5, ["vif9.0"]) },
            new() { Host = "h1", Refusal = new("u-1", 2, RefusalReason.SwitchError, "why", [new("br-int", "flow", "OFPBMC_BAD_PREREQ")]) },
            new() { Host = "h1", Drift = new(DateTimeOffset.UnixEpoch, "br-int", DriftCause.FlowsChanged, 1, 2, 3, 4.5, [new(DriftKind.Changed, "a", "b")], 6) },
            new()
            {
                Host = "h1",
                Traffic = new(
                    "s", 7, DateTimeOffset.UnixEpoch, [new(1, 2, TrafficSide.In, true, 3, 4)], [new(PipelineTable.All[0].Name, 1, 2)],
                    [new(DateTimeOffset.UnixEpoch, 1, 2, TrafficSide.Out, "10.0.0.1", "10.0.0.2", 6, 80, 443, null, null, 60)]),
            },
            new() { Host = "h1", Ports = new([new("br-int", [port])], ["vif9.0"], ["warning"]) },
        ];
    }

    private static ControllerMessage[] FromController()
    {
        var next = FlowsOf(2, FlowTargets.Lines().Skip(5).Take(20));
        var chunk = SnapshotWriter.Split(Held, "u-2")[0];
        return
        [
            new() { Host = "h1", Inquiry = new("why not") },
            new() { Host = "h1", Delta = DeltaUpdates.Write(Held, next, "u-1") },
            new() { Host = "h1", Snapshot = chunk },
            new() { Host = "h1", Snapshot = chunk with { Index = 1, Count = 2 } },
            new() { Host = "h1", TrafficTaken = new("source", 7) },
            new() { Host = "h1", Certificate = new("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n") },
            new() { Host = "h1", Checkpoint = new("osc\n1\nAAAA\n\n— osc AAAA\n", 1, ["AAAA"]) },
        ];
    }

    private static string ReadAgentMessage(byte[] input)
    {
        var decoded = BusJson.DecodeAgentMessage(input);
        Oracle.Holds(decoded.Message is null != decoded.Error is null, "a message or an error");
        if (decoded.Message is null)
        {
            return Shape.Of(decoded.Error!); // one of the two, see above
        }

        var bytes = BusJson.Encode(decoded.Message);
        var again = BusJson.DecodeAgentMessage(bytes);
        Oracle.Holds(again.Message is not null && BusJson.Encode(again.Message).AsSpan().SequenceEqual(bytes), "an encoded message is the same message");
        return "taken";
    }

    private static string ReadControllerMessage(byte[] input)
    {
        var decoded = BusJson.DecodeControllerMessage(input);
        Oracle.Holds(decoded.Message is null != decoded.Error is null, "a message or an error");
        if (decoded.Message is not { } message)
        {
            return Shape.Of(decoded.Error!); // one of the two, see above
        }

        var bytes = BusJson.Encode(message);
        var again = BusJson.DecodeControllerMessage(bytes);
        Oracle.Holds(again.Message is not null && BusJson.Encode(again.Message).AsSpan().SequenceEqual(bytes), "an encoded message is the same message");
        return message.Delta is { } delta ? Apply(delta) : message.Snapshot is { } chunk ? Describe(new SnapshotAssembler(Host).Add(chunk)) : "taken";
    }

    private static string Apply(DeltaUpdate update) =>
        DeltaUpdates.Read(update, Host, out var delta) is { } error ? Shape.Of(error) : Describe(DeltaUpdates.Apply(Held, update, delta));

    private static string Describe(UpdateResult result) => result is UpdateResult.Refused refused ? Shape.Of(refused.Detail) : result.GetType().Name;
}
