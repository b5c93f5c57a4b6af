using System.Diagnostics;
using System.Globalization;

namespace Osc.Lab.Xen;

/// <summary>
/// A private xenstored, Debian's own program, without Xen: a shim that is compiled here stands in for the hypervisor
/// (xenstored-shim.c). The lab speaks as the toolstack does through <see cref="Socket"/>, and as a domain that was introduced through
/// <see cref="DomainSocket"/>. The store is in memory: it is lost with the process.
/// </summary>
public sealed class XenstoreInstance
{
    private const string Version = "4.17";

    /// <summary>Where scripts/setup unpacks Xen's packages; or they are installed.</summary>
    private static readonly string[] Roots = ["/usr/local/lib/osc-lab/xen", "/"];

    private readonly LabSpace space;
    private readonly string directory;
    private readonly string root;
    private readonly Dictionary<string, string> environment;
    private Process? daemon;

    private XenstoreInstance(LabSpace space, string name, string root)
    {
        this.space = space;
        directory = Directory.CreateDirectory(Path.Combine(space.DirectoryPath, name)).FullName;
        this.root = root;
        environment = new()
        {
            ["LD_LIBRARY_PATH"] = Libraries,
            ["LD_PRELOAD"] = Shim,
            ["XENSTORED_RUNDIR"] = directory,
            ["XENSTORED_ROOTDIR"] = directory,
        };
    }

    /// <summary>The path of the unix socket that is the toolstack's and dom0's.</summary>
    public string Socket => Path.Combine(directory, "socket");

    private string Libraries => string.Join(':', Directory.GetDirectories(Path.Combine(root, "usr/lib"), "*-linux-gnu"));

    private string Shim => Path.Combine(directory, "shim.so");

    /// <summary>Compiles the shim and starts the daemon; returns when it takes connections.</summary>
    /// <param name="name">Unique in the lab.</param>
    /// <exception cref="LabException">xenstored is not there, or did not start.</exception>
    public static async Task<XenstoreInstance> StartAsync(LabSpace space, string name)
    {
        var root = Roots.FirstOrDefault(r => File.Exists(ProgramIn(r))) ?? throw new LabException($"xenstored of Xen {Version} is not there: run scripts/setup");
        var instance = new XenstoreInstance(space, name, root);
        await instance.CompileAsync();
        await instance.StartDaemonAsync();
        return instance;
    }

    /// <summary>The path of the unix socket that stands for /dev/xen/xenbus in a domain; there from when the domain was introduced. For one client.</summary>
    public string DomainSocket(ushort domain) => Path.Combine(directory, string.Create(CultureInfo.InvariantCulture, $"domid-{domain}.sock"));

    /// <summary>What a program needs in its environment so that Xen's own tools (xenstore-read and the like) are found and speak as a domain.</summary>
    public IReadOnlyDictionary<string, string> ToolEnvironment(ushort domain) => new Dictionary<string, string>
    {
        ["PATH"] = $"{Path.Combine(root, "usr/bin")}:{Environment.GetEnvironmentVariable("PATH")}:/usr/sbin:/sbin",
        ["LD_LIBRARY_PATH"] = Libraries,
        ["XENSTORED_PATH"] = DomainSocket(domain),
    };

    /// <summary>Starts the daemon (again), with an empty store; returns when it takes connections.</summary>
    /// <param name="options">Options of xenstored, for instance its quotas.</param>
    public async Task StartDaemonAsync(params string[] options)
    {
        // It says its number when it listens.
        daemon = space.Start(ProgramIn(root), ["--no-fork", "--output-pid", .. options], environment);
        daemon.StandardInput.Close();
        if (await daemon.StandardOutput.ReadLineAsync() is null)
        {
            throw new LabException($"xenstored did not start: {(await daemon.StandardError.ReadToEndAsync()).Trim()}");
        }

        daemon.ErrorDataReceived += static (_, _) => { };
        daemon.BeginErrorReadLine();
    }

    /// <summary>Kills the daemon without warning. Everything that was stored is gone with it.</summary>
    public async Task KillDaemonAsync()
    {
        var process = daemon ?? throw new InvalidOperationException("xenstored does not run");
        process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
        daemon = null;
    }

    private static string ProgramIn(string root) => Path.Combine(root, $"usr/lib/xen-{Version}/bin/xenstored");

    private async Task CompileAsync()
    {
        using var source = new StreamReader(typeof(XenstoreInstance).Assembly.GetManifestResourceStream("xenstored-shim.c")
            ?? throw new InvalidOperationException("xenstored-shim.c is not in the assembly"));
        await Command.RunAsync(
            "clang", ["-O1", "-Wall", "-Werror", "-shared", "-fPIC", "-o", Shim, "-x", "c", "-", "-lpthread", "-ldl"], await source.ReadToEndAsync());
    }
}
