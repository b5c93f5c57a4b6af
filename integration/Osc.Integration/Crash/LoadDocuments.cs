using System.Globalization;
using System.Text.Json.Nodes;

namespace Osc.Integration.Crash;

/// <summary>Documents for a load: each a function of who writes it, which of his documents it is, and a number that makes its content unlike any other. What goes without saying is not said, so a document stands as it was sent.</summary>
internal static class LoadDocuments
{
    public const int Slots = 6;

    /// <summary>What the others refer to.</summary>
    public static IReadOnlyList<JsonObject> Ground() =>
    [
        Document("Cloud", "system", "lab", "{}"),
        Document("Host", "system", "h1", """{ "cloud": "lab", "bridges": [ { "name": "br-int", "uplinks": [ "trunk" ] } ] }"""),
        Document("Network", "shop", "front", """{ "cloud": "lab", "vlan": 10, "subnets": [ "10.10.0.0/16" ] }"""),
    ];

    /// <summary>"tenant/Kind/name" and the document.</summary>
    public static KeyValuePair<string, JsonObject?> Of(int client, int slot, long number)
    {
        var (port, n) = (1 + (number % 60_000), number.ToString(CultureInfo.InvariantCulture));
        var (kind, spec) = (slot % 4) switch
        {
            0 => ("Service", $$"""{ "ports": [ "tcp/{{port}}" ] }"""),
            1 => ("SecurityGroup", $$"""{ "members": [ { "cidr": "10.10.{{number / 250 % 250}}.{{number % 250}}/32" } ] }"""),
            2 => ("Policy", $$"""{ "order": {{1_001 + (number % 8_000)}}, "rules": [ { "name": "r{{n}}", "from": [ "10.10.{{client}}.0/24" ], "services": [ "tcp/{{port}}" ], "action": "allow" } ] }"""),
            _ => ("Workload", $$"""{ "cloud": "lab", "interfaces": [ { "name": "eth0", "mac": "02:00:00:00:{{client:x2}}:{{slot:x2}}", "addresses": [ "10.10.{{client}}.{{slot + 1}}" ], "network": "front", "attachment": { "host": "h1", "port": "vif{{n}}.0" } } ] }"""),
        };
        return Entry(Document(kind, "shop", $"c{client}-{slot}", spec));
    }

    /// <summary>A policy for an emergency.</summary>
    public static KeyValuePair<string, JsonObject?> Emergency(int client, long number) => Entry(Document(
        "Policy", "shop", string.Create(CultureInfo.InvariantCulture, $"c{client}-break-{number}"),
        $$"""{ "tier": "emergency", "order": 1, "rules": [ { "name": "quarantine", "from": [ "10.10.{{client}}.0/24" ], "services": [ "tcp/23" ], "action": "drop" } ] }"""));

    /// <summary>"tenant/Kind/name".</summary>
    public static string KeyOf(JsonObject document) => $"{document["metadata"]!["tenant"]}/{document["kind"]}/{document["metadata"]!["name"]}";

    private static KeyValuePair<string, JsonObject?> Entry(JsonObject document) => new(KeyOf(document), document);

    private static JsonObject Document(string kind, string tenant, string name, string spec) => new()
    {
        ["apiVersion"] = "osc/v1",
        ["kind"] = kind,
        ["metadata"] = new JsonObject { ["name"] = name, ["tenant"] = tenant },
        ["spec"] = JsonNode.Parse(spec),
    };
}
