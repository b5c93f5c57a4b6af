using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Osc.Lab.RabbitMq;

/// <summary>
/// A private RabbitMQ node with its own port mapper (epmd), both on loopback, run as the current user, all files in the lab's
/// directory. Nothing of the system's own broker is touched. What is durable survives <see cref="StopAsync"/>,
/// <see cref="KillAsync"/> and a new start.
/// </summary>
public sealed class RabbitMqBroker
{
    private const string Installation = "/usr/lib/rabbitmq/lib";
    private const byte MethodFrame = 1; // AMQP 0-9-1, section 4.2.3: the server's answer to a protocol header that it accepts
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly byte[] ProtocolHeader = [.. "AMQP"u8, 0, 0, 9, 1];

    private readonly LabSpace space;
    private readonly string directory;
    private readonly string program;
    private readonly Dictionary<string, string> environment;
    private readonly int port;
    private readonly int securePort = FreePort();
    private Process? node;

    private RabbitMqBroker(LabSpace space, string name, string program, RabbitMqSecurity? security)
    {
        this.space = space;
        this.program = program;
        Version = Path.GetFileName(Path.GetDirectoryName(Path.GetDirectoryName(program)))!.Split('-')[^1];
        directory = Directory.CreateDirectory(Path.Combine(space.DirectoryPath, name)).FullName;
        port = FreePort();
        environment = new()
        {
            ["HOME"] = directory,
            ["ERL_EPMD_PORT"] = Text(FreePort()),
            ["ERL_EPMD_ADDRESS"] = "127.0.0.1",
            ["RABBITMQ_NODENAME"] = $"osc-{space.Name}-{name}@localhost",
            ["RABBITMQ_NODE_IP_ADDRESS"] = "127.0.0.1",
            ["RABBITMQ_NODE_PORT"] = Text(port),
            ["RABBITMQ_DIST_PORT"] = Text(FreePort()),
            ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] = "-kernel inet_dist_use_interface {127,0,0,1}",
            ["RABBITMQ_MNESIA_BASE"] = Path.Combine(directory, "mnesia"),
            ["RABBITMQ_LOG_BASE"] = directory,
            ["RABBITMQ_LOGS"] = LogFile,
            ["RABBITMQ_PID_FILE"] = Path.Combine(directory, "node.pid"),
            ["RABBITMQ_ENABLED_PLUGINS_FILE"] = Path.Combine(directory, "enabled_plugins"),
            ["RABBITMQ_CONFIG_FILE"] = Path.Combine(directory, "rabbitmq"),
            ["RABBITMQ_CONF_ENV_FILE"] = "/dev/null",
            // Makes the start script turn into the node instead of watching over it, so that the process started is the node.
            ["RUNNING_UNDER_SYSTEMD"] = "true",
        };
        File.WriteAllText(Path.Combine(directory, "enabled_plugins"), security is null ? "[]." : "[rabbitmq_auth_mechanism_ssl].");
        File.WriteAllText(Path.Combine(directory, "rabbitmq.conf"), security is null ? "" : Secure(security));
    }

    /// <summary>"3.10.8" and the like.</summary>
    public string Version { get; }

    /// <summary>The process id of the node while it runs.</summary>
    public int ProcessId => Running().Id;

    /// <summary>Where to connect, as the user guest.</summary>
    public Uri Uri => new(string.Create(CultureInfo.InvariantCulture, $"amqp://guest:guest@127.0.0.1:{port}"));

    /// <summary>Where to connect by TLS, with a certificate that says who one is.</summary>
    public Uri SecureUri => new(string.Create(CultureInfo.InvariantCulture, $"amqps://127.0.0.1:{securePort}"));

    private string LogFile => Path.Combine(directory, "node.log");

    /// <summary>Starts a node; returns when it takes connections.</summary>
    /// <param name="name">Unique in the lab: letters and digits.</param>
    /// <param name="security">With TLS as well; then there are no users but those.</param>
    /// <exception cref="LabException">RabbitMQ is not installed, or did not start; with the end of its log.</exception>
    public static async Task<RabbitMqBroker> StartAsync(LabSpace space, string name, RabbitMqSecurity? security = null)
    {
        var program = (Directory.Exists(Installation) ? Directory.GetDirectories(Installation, "rabbitmq_server-*") : [])
            .Select(d => Path.Combine(d, "sbin", "rabbitmq-server")).FirstOrDefault(File.Exists)
            ?? throw new LabException($"RabbitMQ is not installed ({Installation} has no server): run scripts/setup");
        var broker = new RabbitMqBroker(space, name, program, security);
        broker.StartProcess("epmd");
        await broker.StartAgainAsync();
        return broker;
    }

    /// <summary>Starts the node again after <see cref="StopAsync"/> or <see cref="KillAsync"/>; returns when it takes connections.</summary>
    public async Task StartAgainAsync()
    {
        node = StartProcess(program);
        var waited = Stopwatch.StartNew();
        while (!await IsAnsweringAsync())
        {
            if (node.HasExited || waited.Elapsed > Patience)
            {
                var log = File.Exists(LogFile) ? string.Join('\n', (await File.ReadAllLinesAsync(LogFile)).TakeLast(15)) : "";
                throw new LabException($"RabbitMQ did not start:\n{log}");
            }

            // It announces its listener in no other way that does not need a command line tool of seconds' start.
            await Task.Delay(TimeSpan.FromMilliseconds(20));
        }
    }

    /// <summary>Asks the node to stop; returns when it has.</summary>
    public async Task StopAsync()
    {
        var process = Running();
        await Command.RunAsync("kill", ["-TERM", Text(process.Id)]);
        await process.WaitForExitAsync();
        process.Dispose();
        node = null;
    }

    /// <summary>Kills the node without warning, as a power cut would.</summary>
    public async Task KillAsync()
    {
        var process = Running();
        process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
        node = null;
    }

    private string Secure(RabbitMqSecurity security)
    {
        var definitions = Path.Combine(directory, "definitions.json");
        File.WriteAllText(definitions, security.Definitions);
        return string.Create(CultureInfo.InvariantCulture, $"""
            listeners.ssl.1 = 127.0.0.1:{securePort}
            ssl_options.cacertfile = {security.AuthorityFile}
            ssl_options.certfile = {security.CertificateFile}
            ssl_options.keyfile = {security.KeyFile}
            ssl_options.verify = verify_peer
            ssl_options.fail_if_no_peer_cert = true
            auth_mechanisms.1 = EXTERNAL
            ssl_cert_login_from = common_name
            load_definitions = {definitions}

            """);
    }

    private Process Running() => node ?? throw new InvalidOperationException("the broker does not run");

    private Process StartProcess(string file)
    {
        var process = space.Start(file, [], environment);
        process.StandardInput.Close();
        process.OutputDataReceived += static (_, _) => { };
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private async Task<bool> IsAnsweringAsync()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, port);
            await socket.SendAsync(ProtocolHeader);
            var answer = new byte[1];
            return await socket.ReceiveAsync(answer) == 1 && answer[0] == MethodFrame;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}

/// <summary>A broker that knows its users by their certificates.</summary>
/// <param name="Definitions">Users and their permissions, as RabbitMQ imports them.</param>
public sealed record RabbitMqSecurity(string AuthorityFile, string CertificateFile, string KeyFile, string Definitions);
