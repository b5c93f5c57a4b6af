using System.Globalization;
using System.Text.Json;
using Osc.Model;

namespace Osc.Scenarios.Large;

/// <summary>A port of a workload: one MAC address, one IPv4 address.</summary>
public sealed record WorkloadPort(string Id, MacAddress Mac, IpAddress Ip);

/// <summary>A group of ports, by their ids.</summary>
public sealed record WorkloadGroup(string Id, ValueList<string> Members);

/// <summary>What comes from one group to another, to a TCP port, is allowed.</summary>
public sealed record WorkloadRule(string Id, string From, string To, ushort Port);

/// <summary>
/// A product-neutral workload of ports, groups and rules, to compare products by: what goes to a group is dropped unless a rule
/// allows it, everything else is allowed. As JSON:
/// <c>{"ports": [{"id", "mac", "ip"}], "groups": [{"id", "members": [port id]}], "rules": [{"id", "from", "to", "proto": "tcp", "port"}],
/// "default": "deny-ingress"}</c>.
/// </summary>
public sealed record PortGroupWorkload(ValueList<WorkloadPort> Ports, ValueList<WorkloadGroup> Groups, ValueList<WorkloadRule> Rules)
{
    private const string Protocol = "tcp";
    private const string Default = "deny-ingress";

    public static PortGroupWorkload Small => Generate(1_000, 100, 1_000);

    public static PortGroupWorkload Medium => Generate(10_000, 500, 5_000);

    /// <summary>Ports are dealt out to the groups; each rule goes to the next group, from a random one, on a random port. No two rules are alike.</summary>
    /// <param name="groupsOfPort">Into how many groups a port is dealt.</param>
    public static PortGroupWorkload Generate(int ports, int groups, int rules, int groupsOfPort = 1, int seed = 1)
    {
        var random = new Random(seed);
        var members = Enumerable.Range(0, groups).Select(_ => new List<string>()).ToArray();
        for (var port = 0; port < ports; port++)
        {
            var stride = 1 + (port / groups * 7 % groups);
            foreach (var group in Enumerable.Range(0, groupsOfPort).Select(k => (port + (k * stride)) % groups).Distinct())
            {
                members[group].Add(IdOf("p", port));
            }
        }

        var seen = new HashSet<(int From, int To, ushort Port)>();
        var made = new List<WorkloadRule>();
        while (made.Count < rules)
        {
            var (from, to, port) = (random.Next(groups), made.Count % groups, (ushort)(1_024 + random.Next(20_000)));
            if (seen.Add((from, to, port)))
            {
                made.Add(new(IdOf("r", made.Count), IdOf("g", from), IdOf("g", to), port));
            }
        }

        return new(
            Enumerable.Range(0, ports).Select(i => new WorkloadPort(IdOf("p", i), MacAddress.FromBits(0x0200_0000_0000UL | (uint)i), AddressOf(i))).ToValueList(),
            members.Select((m, i) => new WorkloadGroup(IdOf("g", i), m.ToValueList())).ToValueList(),
            made.ToValueList());
    }

    /// <summary>The address of the n-th port: 250 to a /24 from 10.16.0.0 on.</summary>
    public static IpAddress AddressOf(int port) =>
        IpAddress.FromIPv4((10u << 24) | ((16 + ((uint)port / 62_500)) << 16) | ((uint)port / 250 % 250 << 8) | (((uint)port % 250) + 2));

    /// <exception cref="FormatException">The JSON is no such workload.</exception>
    public static PortGroupWorkload Parse(string json)
    {
        using var document = JsonDocument.Parse(json);
        var root = document.RootElement;
        if (Text(root, "default") != Default)
        {
            throw new FormatException($"the default is {Text(root, "default")}, not {Default}");
        }

        return new(
            root.GetProperty("ports").EnumerateArray().Select(p => new WorkloadPort(Text(p, "id"), MacAddress.Parse(Text(p, "mac")), IpAddress.Parse(Text(p, "ip")))).ToValueList(),
            root.GetProperty("groups").EnumerateArray().Select(g => new WorkloadGroup(Text(g, "id"), g.GetProperty("members").EnumerateArray().Select(Text).ToValueList())).ToValueList(),
            root.GetProperty("rules").EnumerateArray().Select(ReadRule).ToValueList());
    }

    public string ToJson()
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            WriteArray(json, "ports", Ports, p => Write(json, ("id", p.Id), ("mac", p.Mac.ToString()), ("ip", p.Ip.ToString())));
            WriteArray(json, "groups", Groups, g =>
            {
                Write(json, ("id", g.Id));
                WriteArray(json, "members", g.Members, json.WriteStringValue, isObject: false);
            });
            WriteArray(json, "rules", Rules, r =>
            {
                Write(json, ("id", r.Id), ("from", r.From), ("to", r.To), ("proto", Protocol));
                json.WriteNumber("port", r.Port);
            });
            json.WriteString("default", Default);
            json.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(bytes.ToArray());
    }

    private static WorkloadRule ReadRule(JsonElement rule) => Text(rule, "proto") == Protocol
        ? new(Text(rule, "id"), Text(rule, "from"), Text(rule, "to"), rule.GetProperty("port").GetUInt16())
        : throw new FormatException($"rule {Text(rule, "id")} is for {Text(rule, "proto")}, not for {Protocol}");

    private static string Text(JsonElement element, string property) => Text(element.GetProperty(property));

    private static string Text(JsonElement element) => element.GetString() ?? throw new FormatException("null instead of text");

    private static void Write(Utf8JsonWriter json, params ReadOnlySpan<(string Name, string Value)> properties)
    {
        foreach (var (name, value) in properties)
        {
            json.WriteString(name, value);
        }
    }

    private static void WriteArray<T>(Utf8JsonWriter json, string name, ValueList<T> items, Action<T> write, bool isObject = true)
    {
        json.WriteStartArray(name);
        foreach (var item in items)
        {
            if (isObject)
            {
                json.WriteStartObject();
            }

            write(item);
            if (isObject)
            {
                json.WriteEndObject();
            }
        }

        json.WriteEndArray();
    }

    private static string IdOf(string prefix, int number) => prefix + number.ToString(CultureInfo.InvariantCulture);
}
