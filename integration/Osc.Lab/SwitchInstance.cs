using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using Osc.Flows.Pipeline;
using Osc.Model;

namespace Osc.Lab;

/// <summary>How a bridge forwards before anything programs it (ovs-vswitchd.conf.db(5), fail_mode).</summary>
public enum FailMode
{
    /// <summary>Nothing passes until flows say so.</summary>
    Secure,

    /// <summary>A learning switch.</summary>
    Standalone,
}

/// <summary>
/// A private Open vSwitch: ovsdb-server and ovs-vswitchd in a network namespace of their own, userspace datapath, all files in the lab's directory.
/// Nothing of the system's own Open vSwitch is touched.
/// </summary>
public sealed class SwitchInstance
{
    private const string Schema = "/usr/share/openvswitch/vswitch.ovsschema";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly LabSpace space;
    private readonly Dictionary<string, string> environment;
    private Process? database;
    private Process? daemon;
    private int starts;

    private SwitchInstance(LabSpace space, string name, Netns netns)
    {
        this.space = space;
        Name = name;
        Netns = netns;
        DirectoryPath = Directory.CreateDirectory(Path.Combine(space.DirectoryPath, name)).FullName;
        RunDirectory = Directory.CreateDirectory(Path.Combine(DirectoryPath, "run")).FullName;
        environment = new()
        {
            ["OVS_RUNDIR"] = RunDirectory,
            ["OVS_LOGDIR"] = DirectoryPath,
            ["OVS_DBDIR"] = DirectoryPath,
            ["OVS_SYSCONFDIR"] = DirectoryPath,
        };
    }

    public string Name { get; }

    /// <summary>Where the daemons run and the switch's ports are.</summary>
    public Netns Netns { get; }

    /// <summary>Database, logs; sockets are in <see cref="RunDirectory"/>.</summary>
    public string DirectoryPath { get; }

    /// <summary>OVS_RUNDIR of this instance: db.sock, a BRIDGE.mgmt for each bridge, ovs-vswitchd.lab.ctl.</summary>
    public string RunDirectory { get; }

    /// <summary>The path of ovsdb-server's unix socket.</summary>
    public string DatabaseSocket => Path.Combine(RunDirectory, "db.sock");

    /// <summary>The process id of ovs-vswitchd while it runs.</summary>
    public int? DaemonProcessId => daemon?.Id;

    /// <summary>Makes the namespace and starts both daemons; returns when vswitchd has taken its configuration.</summary>
    /// <param name="name">Unique in the lab: letters, digits and '-'.</param>
    /// <exception cref="LabException">Open vSwitch is not installed, or did not start; with the end of its log.</exception>
    public static async Task<SwitchInstance> StartAsync(LabSpace space, string name)
    {
        if (!File.Exists(Schema))
        {
            throw new LabException($"Open vSwitch is not installed ({Schema} is missing): run scripts/setup");
        }

        var netns = await space.AddNamespaceAsync(name);
        netns.SilenceLinks();
        var instance = new SwitchInstance(space, name, netns);
        await Command.RunAsync("ovsdb-tool", ["create", instance.DatabaseFile, Schema]);
        await instance.StartDatabaseAsync();
        await instance.RunAsync("ovs-vsctl", $"--db=unix:{instance.DatabaseSocket}", "--no-wait", "init");
        await instance.StartDaemonAsync();
        return instance;
    }

    /// <summary>The path of a bridge's OpenFlow management socket.</summary>
    public string ManagementSocket(PortName bridge) => Path.Combine(RunDirectory, $"{bridge}.mgmt");

    /// <summary>Adds a bridge with the userspace datapath.</summary>
    public Task AddBridgeAsync(PortName bridge, FailMode failMode = FailMode.Secure) =>
        VsctlAsync("add-br", bridge.Value, "--", "set", "bridge", bridge.Value, "datapath_type=netdev", $"fail_mode={(failMode == FailMode.Secure ? "secure" : "standalone")}");

    /// <summary>Plugs a link of the namespace into a bridge; with a VLAN, as an access port of it.</summary>
    /// <param name="link">A link in <see cref="Netns"/>; it need not exist yet.</param>
    /// <param name="interfaceId">external_ids:iface-id, for a port that is known by another name than its link's.</param>
    public Task AddPortAsync(PortName bridge, string link, int? vlan = null, string? interfaceId = null)
    {
        List<string> arguments = ["add-port", bridge.Value, link];
        if (vlan is { } tag)
        {
            arguments.Add(string.Create(CultureInfo.InvariantCulture, $"tag={tag}"));
        }

        if (interfaceId is not null)
        {
            arguments.AddRange(["--", "set", "interface", link, $"external_ids:iface-id=\"{interfaceId}\""]);
        }

        return VsctlAsync(arguments);
    }

    public Task RemovePortAsync(PortName bridge, string link) => VsctlAsync("del-port", bridge.Value, link);

    /// <summary>Runs ovs-vsctl; returns its output when vswitchd has taken the change.</summary>
    public Task<string> VsctlAsync(params IEnumerable<string> arguments) =>
        RunAsync("ovs-vsctl", [$"--db=unix:{DatabaseSocket}", $"--timeout={Patience.TotalSeconds}", .. arguments]);

    /// <summary>Runs ovs-ofctl; a bridge is named as such.</summary>
    public Task<string> OfctlAsync(params IEnumerable<string> arguments) => RunAsync("ovs-ofctl", ["-O", "OpenFlow14", .. arguments]);

    /// <summary>Starts one of Open vSwitch's programs that goes on, as long as the lab lives.</summary>
    public Process StartTool(string program, params IEnumerable<string> arguments) => space.Start(program, arguments, environment);

    /// <summary>Gives a bridge the meter that compiled flows name, if it has none. Where an agent runs, the agent does.</summary>
    public async Task AddMeterAsync(PortName bridge)
    {
        var meter = string.Create(CultureInfo.InvariantCulture, $"meter={RejectMeter.Id}");
        if (!(await OfctlAsync("dump-meters", bridge.Value)).Contains(meter + ' ', StringComparison.Ordinal))
        {
            await OfctlAsync("add-meter", bridge.Value, meter + ",pktps,band=type=drop,rate=1000");
        }
    }

    /// <summary>Runs ovs-appctl against vswitchd.</summary>
    public Task<string> AppctlAsync(params IEnumerable<string> arguments) => RunAsync("ovs-appctl", ["-t", ControlSocket, .. arguments]);

    /// <summary>"3.1.0" and the like.</summary>
    public async Task<string> VersionAsync() => (await AppctlAsync("version")).Split('\n')[0].Split(' ')[^1];

    /// <summary>Kills vswitchd without warning, as a crash would. Its flows and connections are gone with it.</summary>
    public async Task KillDaemonAsync()
    {
        await KillAsync(daemon);
        daemon = null;
    }

    /// <summary>Starts vswitchd again; returns when it has taken its configuration.</summary>
    public async Task StartDaemonAsync()
    {
        File.Delete(ControlSocket);
        daemon = StartProcess("ovs-vswitchd", $"unix:{DatabaseSocket}", $"--unixctl={ControlSocket}");
        await AnsweringAsync(ControlSocket, daemon, "ovs-vswitchd");
        // Any change makes ovs-vsctl wait until vswitchd has worked off the database's present contents.
        await VsctlAsync("set", "Open_vSwitch", ".", string.Create(CultureInfo.InvariantCulture, $"external_ids:lab-start={++starts}"));
    }

    /// <summary>Kills ovsdb-server without warning; vswitchd goes on forwarding.</summary>
    public async Task KillDatabaseAsync()
    {
        await KillAsync(database);
        database = null;
    }

    /// <summary>Starts ovsdb-server (again).</summary>
    public async Task StartDatabaseAsync()
    {
        File.Delete(DatabaseSocket);
        database = StartProcess("ovsdb-server", DatabaseFile, $"--remote=punix:{DatabaseSocket}", $"--unixctl={Path.Combine(RunDirectory, "ovsdb-server.ctl")}");
        await AnsweringAsync(DatabaseSocket, database, "ovsdb-server");
    }

    private string DatabaseFile => Path.Combine(DirectoryPath, "conf.db");

    /// <summary>The path of vswitchd's control socket, named like the one that it would make itself, with "lab" for its process id.</summary>
    public string ControlSocket => Path.Combine(RunDirectory, "ovs-vswitchd.lab.ctl");

    private Task<string> RunAsync(string program, params IEnumerable<string> arguments) =>
        Command.RunAsync(program, arguments, environment: environment);

    private Process StartProcess(string program, params string[] arguments)
    {
        var log = Path.Combine(DirectoryPath, $"{program}.log");
        var process = space.Start("ip", ["netns", "exec", Netns.Name, program, .. arguments, "-vconsole:off", $"--log-file={log}"], environment);
        process.StandardInput.Close();
        return process;
    }

    private static async Task KillAsync(Process? process)
    {
        if (process is not null)
        {
            process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
        }
    }

    /// <summary>Waits until a daemon takes connections on its unix socket: it announces that in no other way.</summary>
    private async Task AnsweringAsync(string socketPath, Process process, string program)
    {
        var waited = Stopwatch.StartNew();
        while (!await IsAnsweringAsync(socketPath))
        {
            if (process.HasExited || waited.Elapsed > Patience)
            {
                var log = Path.Combine(DirectoryPath, $"{program}.log");
                var why = process.HasExited ? await process.StandardError.ReadToEndAsync() : $"no answer on {socketPath}";
                var lines = File.Exists(log) ? string.Join('\n', (await File.ReadAllLinesAsync(log)).TakeLast(5)) : "";
                throw new LabException($"{program} of {Name} did not start: {why.Trim()}\n{lines}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(5));
        }
    }

    private static async Task<bool> IsAnsweringAsync(string socketPath)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(socketPath));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
