using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using Osc.Bus.Updates;
using Xunit;

namespace Osc.Bus.Tests;

public sealed class BusJsonTests
{
    private static readonly string Digest = new('0', 32);

    public static TheoryData<AgentMessage> AgentMessages() =>
    [
        new AgentMessage { Host = "h1", Hello = new("0.1.0", 4, Digest, "3.1.0", DateTimeOffset.UnixEpoch, ["br0", "br1"], "the switch is away") },
        new AgentMessage { Host = "h1", Hello = new("0.1.0", 0, Digest, null, DateTimeOffset.UnixEpoch, []) },
        new AgentMessage { Host = "h1", Hello = new("0.1.0", 4, Digest, "3.1.0", DateTimeOffset.UnixEpoch, ["br0"], null, new("degraded", 30, 12, 7, [new("upcalls-lost", "netdev@ovs-netdev", "19 of 20")], [new("netdev@ovs-netdev", 5, 20, 19)])) },
        new AgentMessage { Host = "h1", Ack = new("u-1", 4, Digest, 12, 3.25, ["vif3.0"]) },
        new AgentMessage { Host = "h1", Refusal = new("", 4, RefusalReason.SwitchError, "\"no\"", [new("br0", "table=0,actions=drop", "OFPBAC_BAD_OUT_PORT")]) },
        new AgentMessage { Host = "h1", Ports = new([new("br0", [new("vif3.0", 7, "id", null, "02:00:00:00:00:01", true, new(3, 0, "02:00:00:00:00:01", null)), new("p", null, null, "x", null, false)])], ["gone"], ["careful"]) },
    ];

    public static TheoryData<ControllerMessage> ControllerMessages() =>
    [
        new ControllerMessage { Host = "h1", Inquiry = new("the broker was away") },
        new ControllerMessage { Host = "h1", Delta = DeltaUpdates.Write(SampleFlows.Of(1, ("br0", [1, 2])), SampleFlows.Of(2, ("br0", [2, 3])), "u-1") },
        new ControllerMessage { Host = "h1", Snapshot = SnapshotWriter.Split(SampleFlows.Of(1, ("br0", [1, 2]), ("br1", [])), "u-1")[0] },
    ];

    [Theory]
    [MemberData(nameof(AgentMessages))]
    public void An_agents_message_is_read_back_as_it_was_written(AgentMessage message)
    {
        var decoded = BusJson.DecodeAgentMessage(BusJson.Encode(message));
        Assert.Null(decoded.Error);
        Assert.Equivalent(message, decoded.Message, strict: true);
    }

    [Theory]
    [MemberData(nameof(ControllerMessages))]
    public void A_controllers_message_is_read_back_as_it_was_written(ControllerMessage message)
    {
        var decoded = BusJson.DecodeControllerMessage(BusJson.Encode(message));
        Assert.Null(decoded.Error);
        Assert.Equivalent(message, decoded.Message, strict: true);
    }

    [Fact]
    public void Encoding_writes_camel_case_enums_as_words_no_nulls_and_quotes_in_two_characters()
    {
        var json = Encoding.UTF8.GetString(BusJson.Encode(
            new AgentMessage { Host = "h1", Refusal = new("u-1", 4, RefusalReason.WrongBase, "in_port=\"vif3.0\",+est", []) }));
        Assert.Equal("""{"protocol":1,"host":"h1","refusal":{"update":"u-1","revision":4,"reason":"wrongBase","detail":"in_port=\"vif3.0\",+est","flows":[]}}""", json);
    }

    [Fact]
    public void An_unknown_member_is_ignored()
    {
        var decoded = BusJson.DecodeControllerMessage("""{"protocol":1,"host":"h1","inquiry":{"reason":"x","since":{"a":[1]}},"later":3}"""u8);
        Assert.Equal("x", decoded.Message!.Inquiry!.Reason);
    }

    [Theory]
    [InlineData("""{"protocol":2,"host":"h1","inquiry":{"reason":"x"}}""", "protocol: 2 is not spoken here, 1 is")]
    [InlineData("""{"protocol":1,"host":"h1"}""", "a message has exactly one of inquiry, delta, snapshot, trafficTaken, checkpoint, certificate; this one has 0")]
    [InlineData("""{"protocol":1,"host":"H 1","inquiry":{"reason":"x"}}""", "host: 'H 1' is not 1 to 63 characters")]
    [InlineData("""{"protocol":1,"inquiry":{"reason":"x"}}""", "host")]
    [InlineData("""{"protocol":1,"host":null,"inquiry":{"reason":"x"}}""", "host")]
    [InlineData("""{"protocol":1,"host":"h1","inquiry":{}}""", "reason")]
    [InlineData("""{"protocol":1,"host":"h1","inquiry":{"reason":null}}""", "reason")]
    [InlineData("""null""", "null")]
    [InlineData("""[]""", "$")]
    [InlineData("", "JSON")]
    [InlineData("""{"protocol":1,"host":"h1","delta":{"update":"","from":0,"fromDigest":"00000000000000000000000000000000","to":1,"toDigest":"00000000000000000000000000000000","bridges":[]}}""", "delta.update: an id has 1 to 64 characters")]
    [InlineData("""{"protocol":1,"host":"h1","delta":{"update":"u","from":-1,"fromDigest":"00000000000000000000000000000000","to":1,"toDigest":"00000000000000000000000000000000","bridges":[]}}""", "delta.from: -1 is below 0")]
    [InlineData("""{"protocol":1,"host":"h1","delta":{"update":"u","from":0,"fromDigest":"xyz","to":1,"toDigest":"00000000000000000000000000000000","bridges":[]}}""", "delta.fromDigest: 'xyz' is not 32")]
    [InlineData("""{"protocol":1,"host":"h1","delta":{"update":"u","from":0,"fromDigest":"00000000000000000000000000000000","to":1,"toDigest":"00000000000000000000000000000000","bridges":[null]}}""", "delta.bridges[0]: null")]
    [InlineData("""{"protocol":1,"host":"h1","delta":{"update":"u","from":0,"fromDigest":"00000000000000000000000000000000","to":1,"toDigest":"00000000000000000000000000000000","bridges":[{"bridge":"b","remove":[null],"add":[]}]}}""", "delta.bridges[0].remove[0]: null")]
    [InlineData("""{"protocol":1,"host":"h1","delta":{"update":"u","from":0,"fromDigest":"00000000000000000000000000000000","to":1,"toDigest":"00000000000000000000000000000000","bridges":[{"bridge":"a b","remove":[],"add":[]}]}}""", "delta.bridges[0].bridge: 'a b' is not")]
    [InlineData("""{"protocol":1,"host":"h1","snapshot":{"update":"u","revision":1,"digest":"00000000000000000000000000000000","index":3,"count":3,"bridges":[]}}""", "snapshot.index: 3 is not 0 to 2")]
    [InlineData("""{"protocol":1,"host":"h1","snapshot":{"update":"u","revision":1,"digest":"00000000000000000000000000000000","index":0,"count":501,"bridges":[]}}""", "snapshot.count: 501 is not 1 to 500")]
    public void A_malformed_controllers_message_is_refused_with_its_fault(string json, string fault)
    {
        var decoded = BusJson.DecodeControllerMessage(Encoding.UTF8.GetBytes(json));
        Assert.Null(decoded.Message);
        Assert.Contains(fault, decoded.Error);
    }

    [Theory]
    [InlineData("""{"protocol":1,"host":"h1","refusal":{"update":"u","revision":1,"reason":"noSuchReason","detail":"","flows":[]}}""", "reason")]
    [InlineData("""{"protocol":1,"host":"h1","refusal":{"update":"u","revision":1,"reason":2,"detail":"","flows":[]}}""", "reason")]
    [InlineData("""{"protocol":1,"host":"h1","refusal":{"update":"u","revision":1,"reason":"malformed","detail":"","flows":[null]}}""", "refusal.flows[0]: null")]
    [InlineData("""{"protocol":1,"host":"h1","ack":{"update":"u","revision":1,"digest":"00000000000000000000000000000000","flows":-1,"milliseconds":1,"unboundPorts":[]}}""", "ack.flows: below 0")]
    [InlineData("""{"protocol":1,"host":"h1","ports":{"bridges":[{"bridge":"b","ports":[null]}],"unboundPorts":[],"warnings":[]}}""", "ports.bridges[0].ports[0]: null")]
    [InlineData("""{"protocol":1,"host":"h1","ports":{"bridges":[],"unboundPorts":[],"warnings":[null]}}""", "ports.warnings[0]: null")]
    public void A_malformed_agents_message_is_refused_with_its_fault(string json, string fault)
    {
        var decoded = BusJson.DecodeAgentMessage(Encoding.UTF8.GetBytes(json));
        Assert.Null(decoded.Message);
        Assert.Contains(fault, decoded.Error);
    }

    [Theory]
    [InlineData("""{"state":"a b","heartbeatSeconds":30,"flows":0,"ports":0,"faults":[],"datapaths":[]}""", "hello.health.state: it is not a word")]
    [InlineData("""{"state":"enforcing","heartbeatSeconds":0,"flows":0,"ports":0,"faults":[],"datapaths":[]}""", "hello.health.heartbeatSeconds: 0 is not 1 to 86400")]
    [InlineData("""{"state":"enforcing","heartbeatSeconds":30,"flows":-1,"ports":0,"faults":[],"datapaths":[]}""", "hello.health.flows: below 0")]
    [InlineData("""{"state":"enforcing","heartbeatSeconds":30,"flows":0,"ports":-1,"faults":[],"datapaths":[]}""", "hello.health.ports: below 0")]
    [InlineData("""{"state":"enforcing","heartbeatSeconds":30,"flows":0,"ports":0,"faults":[null],"datapaths":[]}""", "hello.health.faults[0]: null")]
    [InlineData("""{"state":"enforcing","heartbeatSeconds":30,"flows":0,"ports":0,"faults":[{"kind":"Fan","subject":"","detail":""}],"datapaths":[]}""", "hello.health.faults[0].kind: it is not a word")]
    [InlineData("""{"state":"enforcing","heartbeatSeconds":30,"flows":0,"ports":0,"faults":[],"datapaths":[{"name":"dp","hit":0,"missed":-1,"lost":0}]}""", "hello.health.datapaths[0]: a count is below 0")]
    public void A_malformed_health_is_refused_with_its_fault(string health, string fault)
    {
        var json = $$$"""{"protocol":1,"host":"h1","hello":{"agentVersion":"1","revision":0,"digest":"{{{Digest}}}","switchVersion":null,"started":"2026-01-01T00:00:00Z","bridges":[],"health":{{{health}}} } }""";
        var decoded = BusJson.DecodeAgentMessage(Encoding.UTF8.GetBytes(json));
        Assert.Null(decoded.Message);
        Assert.Contains(fault, decoded.Error);
    }

    [Fact]
    public void A_hello_without_health_or_with_more_than_is_known_is_understood()
    {
        var hello = $$$"""{"protocol":1,"host":"h1","hello":{"agentVersion":"1","revision":0,"digest":"{{{Digest}}}","switchVersion":null,"started":"2026-01-01T00:00:00Z","bridges":[]}}""";
        Assert.Null(BusJson.DecodeAgentMessage(Encoding.UTF8.GetBytes(hello)).Message!.Hello!.Health);
        var more = hello.Replace("\"bridges\":[]", """
            "bridges":[],"health":{"state":"dreaming","heartbeatSeconds":30,"flows":0,"ports":0,"faults":[{"kind":"fan-broken","subject":"","detail":"","colour":1}],"datapaths":[],"mood":"fine"}
            """, StringComparison.Ordinal);
        Assert.Equal("fan-broken", BusJson.DecodeAgentMessage(Encoding.UTF8.GetBytes(more)).Message!.Hello!.Health!.Faults[0].Kind);
    }

    [Fact]
    public void A_message_beyond_the_size_limit_is_refused_unread()
    {
        var decoded = BusJson.DecodeControllerMessage(new byte[BusProtocol.MaxMessageBytes + 1]);
        Assert.Contains("longer than", decoded.Error);
    }

    [Fact]
    public void A_message_with_too_many_flows_is_refused()
    {
        var flows = Enumerable.Range(0, BusProtocol.MaxFlowsInMessage + 1).Select(i => $"f{i}").ToArray();
        var message = new ControllerMessage { Host = "h1", Snapshot = new("u", 1, Digest, 0, 1, [new("br0", flows)]) };
        Assert.Contains("more than 2000 flows", BusJson.DecodeControllerMessage(BusJson.Encode(message)).Error);
    }

    /// <summary>Whatever comes: a message within the limits or an error, and never an exception.</summary>
    [Fact]
    public void Decoding_survives_random_bytes() =>
        Gen.Byte.Array[0, 200].Sample(bytes =>
        {
            AssertOneOfBoth(BusJson.DecodeControllerMessage(bytes));
            AssertOneOfBoth(BusJson.DecodeAgentMessage(bytes));
        }, iter: 20_000);

    [Fact]
    public void Decoding_survives_valid_messages_with_bytes_changed()
    {
        var valid = ControllerMessages().Select(m => BusJson.Encode((ControllerMessage)m.Data)).Concat(AgentMessages().Select(m => BusJson.Encode((AgentMessage)m.Data))).ToArray();
        Gen.Select(Gen.Int[0, valid.Length - 1], Gen.Select(Gen.Int[0, 2_000], Gen.Byte).Array[1, 4]).Sample((which, changes) =>
        {
            var bytes = valid[which].ToArray();
            foreach (var (at, value) in changes)
            {
                bytes[at % bytes.Length] = value;
            }

            AssertOneOfBoth(BusJson.DecodeControllerMessage(bytes));
            AssertOneOfBoth(BusJson.DecodeAgentMessage(bytes));
        }, iter: 20_000);
    }

    [Fact]
    public void Decoding_survives_valid_messages_with_a_member_replaced()
    {
        var values = new[] { "null", "-1", "9223372036854775808", "1e400", "\"\"", "[]", "{}", "[null]", "true", "\"\\ud800\"" };
        foreach (var message in ControllerMessages().Select(m => BusJson.Encode((ControllerMessage)m.Data)).Concat(AgentMessages().Select(m => BusJson.Encode((AgentMessage)m.Data))))
        {
            var text = Encoding.UTF8.GetString(message);
            foreach (var (path, _) in Leaves(JsonNode.Parse(text)!, ""))
            {
                foreach (var value in values)
                {
                    var bytes = Encoding.UTF8.GetBytes(With(text, path, value));
                    AssertOneOfBoth(BusJson.DecodeControllerMessage(bytes));
                    AssertOneOfBoth(BusJson.DecodeAgentMessage(bytes));
                }
            }
        }
    }

    private static void AssertOneOfBoth<T>(Decoded<T> decoded)
        where T : class => Assert.True(decoded.Message is null != decoded.Error is null);

    private static IEnumerable<(string Path, JsonNode? Node)> Leaves(JsonNode? node, string path) => node switch
    {
        JsonObject o => o.SelectMany(p => Leaves(p.Value, $"{path}/{p.Key}")).Append((path, node)),
        JsonArray a => a.SelectMany((n, i) => Leaves(n, $"{path}/{i}")).Append((path, node)),
        _ => [(path, node)],
    };

    /// <summary>The text with the node at a path replaced by other JSON text.</summary>
    private static string With(string text, string path, string value)
    {
        if (path.Length == 0)
        {
            return value;
        }

        const string mark = "the-node-to-replace";
        var root = JsonNode.Parse(text)!;
        var steps = path.Split('/')[1..];
        var parent = root;
        foreach (var step in steps[..^1])
        {
            parent = parent is JsonArray array ? array[int.Parse(step, System.Globalization.CultureInfo.InvariantCulture)]! : parent[step]!;
        }

        if (parent is JsonArray last)
        {
            last[int.Parse(steps[^1], System.Globalization.CultureInfo.InvariantCulture)] = mark;
        }
        else
        {
            parent[steps[^1]] = mark;
        }

        return root.ToJsonString().Replace($"\"{mark}\"", value, StringComparison.Ordinal);
    }
}
