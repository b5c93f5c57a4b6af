using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Osc.Lab;
using Osc.Model;
using Osc.Scenarios.Large;

namespace Osc.Benchmarks.Peers;

/// <summary>
/// A private OVN from Debian's packages: both databases, northd, and ovn-controller for one chassis, with a workload as its users write one: a logical switch,
/// port security, a port group and an address set for each group, its rules as ACLs.
/// </summary>
internal sealed class OvnSystem : IDisposable
{
    /// <summary>Where scripts/setup-peers unpacks OVN.</summary>
    private const string Unpacked = "/usr/local/lib/osc-lab/ovn";

    private const string Network = "net";
    private const int InTransaction = 500;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly LabSpace space;
    private readonly SwitchInstance instance;
    private readonly string directory;
    private readonly Dictionary<string, string> environment;
    private readonly Dictionary<string, int> processes = [];
    private readonly Dictionary<string, string> ports = [];
    private OvsdbClient? northbound;

    private OvnSystem(LabSpace space, SwitchInstance instance)
    {
        this.space = space;
        this.instance = instance;
        directory = Directory.CreateDirectory(Path.Combine(space.DirectoryPath, "ovn")).FullName;
        environment = new() { ["OVN_RUNDIR"] = directory, ["OVN_LOGDIR"] = directory, ["OVN_DBDIR"] = directory, ["OVN_SYSCONFDIR"] = directory, ["OVS_RUNDIR"] = instance.RunDirectory, ["OVS_LOGDIR"] = directory };
    }

    public IReadOnlyDictionary<string, int> Processes => processes;

    private static string Root => Directory.Exists(Unpacked) ? Unpacked : "";

    private OvsdbClient Northbound => northbound ?? throw new InvalidOperationException("it is not started yet");

    /// <summary>Starts the central part.</summary>
    /// <exception cref="LabException">OVN is not there, or did not start.</exception>
    public static async Task<OvnSystem> StartAsync(LabSpace space, SwitchInstance instance)
    {
        var ovn = new OvnSystem(space, instance);
        foreach (var (name, schema) in new[] { ("nb", "ovn-nb"), ("sb", "ovn-sb") })
        {
            await Command.RunAsync("ovsdb-tool", ["create", ovn.PathOf($"{name}.db"), $"{Root}/usr/share/ovn/{schema}.ovsschema"]);
            ovn.Start($"ovsdb-server {name}", "ovsdb-server", ovn.PathOf($"{name}.db"), $"--remote=punix:{ovn.PathOf($"{name}.sock")}", $"--unixctl={ovn.PathOf($"{name}.ctl")}");
            await AnsweringAsync(ovn.PathOf($"{name}.sock"));
        }

        await Command.RunAsync($"{Root}/usr/bin/ovn-nbctl", [$"--db=unix:{ovn.PathOf("nb.sock")}", "init"], environment: ovn.environment);
        await Command.RunAsync($"{Root}/usr/bin/ovn-sbctl", [$"--db=unix:{ovn.PathOf("sb.sock")}", "init"], environment: ovn.environment);
        ovn.Start("ovn-northd", $"{Root}/usr/bin/ovn-northd", $"--ovnnb-db=unix:{ovn.PathOf("nb.sock")}", $"--ovnsb-db=unix:{ovn.PathOf("sb.sock")}", $"--unixctl={ovn.PathOf("northd.ctl")}");
        ovn.northbound = await OvsdbClient.ConnectAsync(ovn.PathOf("nb.sock"), "OVN_Northbound", watchesGlobal: true);
        return ovn;
    }

    /// <summary>Writes the workload; returns when northd has worked it out.</summary>
    public async Task LoadAsync(PortGroupWorkload workload)
    {
        await Northbound.TransactAsync(Insert("Logical_Switch", "ls", new() { ["name"] = Network }));
        foreach (var some in workload.Ports.Chunk(InTransaction))
        {
            JsonObject[] inserts = [.. some.Select(p => Insert("Logical_Switch_Port", p.Id, PortRow(p)))];
            var results = await Northbound.TransactAsync([.. inserts, Mutate("Logical_Switch", "name", Network, "ports", "insert", Set(some.Select(p => Named(p.Id))))]);
            foreach (var (i, port) in some.Index())
            {
                ports[port.Id] = results[i]!["uuid"]![1]!.GetValue<string>(); // an insert gives one
            }
        }

        var addresses = workload.Ports.ToDictionary(p => p.Id, p => p.Ip.ToString());
        var rules = workload.Rules.ToLookup(r => r.To);
        foreach (var group in workload.Groups)
        {
            JsonObject[] acls = [.. rules[group.Id].Select(r => Insert("ACL", "a_" + r.Id, AclRow(r))), Insert("ACL", "d_" + group.Id, new() { ["direction"] = "to-lport", ["priority"] = 1001, ["action"] = "drop", ["match"] = $"outport == @{group.Id} && ip" })];
            await Northbound.TransactAsync(
            [
                .. acls,
                Insert("Port_Group", "pg", new() { ["name"] = group.Id, ["ports"] = Set(group.Members.Select(m => Uuid(ports[m]))), ["acls"] = Set(acls.Select(a => Named(a["uuid-name"]!.GetValue<string>()))) }),
                Insert("Address_Set", "as", new() { ["name"] = "as_" + group.Id, ["addresses"] = Set(group.Members.Select(m => (JsonNode)addresses[m])) }),
            ]);
        }

        await Northbound.ConfirmedAsync([], "sb_cfg");
    }

    /// <summary>Starts ovn-controller on the switch; returns when all flows are there and confirmed.</summary>
    public async Task StartChassisAsync()
    {
        await instance.VsctlAsync(
            "set", "open", ".", "external_ids:system-id=hv0", "external_ids:hostname=hv0", $"external_ids:ovn-remote=unix:{PathOf("sb.sock")}", "external_ids:ovn-encap-type=geneve", "external_ids:ovn-encap-ip=127.0.1.1",
            "external_ids:ovn-openflow-probe-interval=0", "external_ids:ovn-remote-probe-interval=0", "external_ids:ovn-monitor-all=false");
        Start("ovn-controller", $"{Root}/usr/bin/ovn-controller", $"unix:{instance.DatabaseSocket}");
        using var southbound = await OvsdbClient.ConnectAsync(PathOf("sb.sock"), "OVN_Southbound");
        while (await southbound.CountAsync("Chassis_Private") == 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5)); // the row is the only sign that hv_cfg will wait for this chassis
        }

        await ConfirmAsync([]);
    }

    /// <summary>Writes a change; returns when the database has it.</summary>
    public Task WriteAsync(IEnumerable<JsonObject> operations) => Northbound.TransactAsync(operations);

    /// <summary>Writes a change; returns when the chassis has confirmed it.</summary>
    public Task ConfirmAsync(IEnumerable<JsonObject> operations) => Northbound.ConfirmedAsync(operations);

    public static JsonObject[] AddAddress(string group, IpAddress address) => [Mutate("Address_Set", "name", "as_" + group, "addresses", "insert", address.ToString())];

    public static JsonObject[] RemoveAddress(string group, IpAddress address) => [Mutate("Address_Set", "name", "as_" + group, "addresses", "delete", address.ToString())];

    public JsonObject[] Join(string port, string group) => [Mutate("Port_Group", "name", group, "ports", "insert", Uuid(ports[port]))];

    public JsonObject[] Leave(string port, string group) => [Mutate("Port_Group", "name", group, "ports", "delete", Uuid(ports[port]))];

    public static JsonObject[] AddRule(WorkloadRule rule) => [Insert("ACL", "acl", AclRow(rule)), Mutate("Port_Group", "name", rule.To, "acls", "insert", Named("acl"))];

    public async Task<JsonObject[]> RemoveRuleAsync(WorkloadRule rule) => [Mutate("Port_Group", "name", rule.To, "acls", "delete", Uuid(await FindAsync("ACL", rule.Id)))];

    public static JsonObject[] AddPort(WorkloadPort port) => [Insert("Logical_Switch_Port", "port", PortRow(port)), Mutate("Logical_Switch", "name", Network, "ports", "insert", Named("port"))];

    public async Task<JsonObject[]> RemovePortAsync(WorkloadPort port) => [Mutate("Logical_Switch", "name", Network, "ports", "delete", Uuid(await FindAsync("Logical_Switch_Port", port.Id)))];

    public void Dispose() => northbound?.Dispose();

    private async Task<string> FindAsync(string table, string name) => (await Northbound.TransactAsync(new JsonObject
    {
        ["op"] = "select",
        ["table"] = table,
        ["where"] = new JsonArray(new JsonArray("name", "==", name)),
        ["columns"] = new JsonArray("_uuid"),
    }))[0]!["rows"]![0]!["_uuid"]![1]!.GetValue<string>(); // it was inserted under this name

    private static JsonObject PortRow(WorkloadPort port) => new() { ["name"] = port.Id, ["addresses"] = $"{port.Mac} {port.Ip}", ["port_security"] = $"{port.Mac} {port.Ip}" };

    private static JsonObject AclRow(WorkloadRule rule) => new()
    {
        ["direction"] = "to-lport",
        ["priority"] = 1002,
        ["action"] = "allow-related",
        ["name"] = rule.Id,
        ["match"] = string.Create(CultureInfo.InvariantCulture, $"outport == @{rule.To} && ip4 && ip4.src == $as_{rule.From} && tcp && tcp.dst == {rule.Port}"),
    };

    private static JsonObject Insert(string table, string name, JsonObject row) => new() { ["op"] = "insert", ["table"] = table, ["uuid-name"] = name, ["row"] = row };

    private static JsonObject Mutate(string table, string key, string value, string column, string how, JsonNode what) => new()
    {
        ["op"] = "mutate",
        ["table"] = table,
        ["where"] = new JsonArray(new JsonArray(key, "==", value)),
        ["mutations"] = new JsonArray(new JsonArray(column, how, what)),
    };

    private static JsonArray Set(IEnumerable<JsonNode> items) => ["set", new JsonArray([.. items])];

    private static JsonArray Named(string name) => ["named-uuid", name];

    private static JsonArray Uuid(string uuid) => ["uuid", uuid];

    private string PathOf(string file) => Path.Combine(directory, file);

    private void Start(string name, string program, params string[] arguments)
    {
        var process = space.Start(program, [.. arguments, "-vconsole:off", $"--log-file={PathOf(name.Replace(' ', '-') + ".log")}"], environment);
        process.StandardInput.Close();
        processes.Add(name, process.Id);
    }

    private static async Task AnsweringAsync(string path)
    {
        var waited = Stopwatch.StartNew();
        while (true)
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(path));
                return;
            }
            catch (SocketException) when (waited.Elapsed < Patience)
            {
                // It does not listen yet.
                await Task.Delay(TimeSpan.FromMilliseconds(5));
            }
        }
    }
}
