using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Osc.Lab;

namespace Osc.DriverDomain;

/// <summary>
/// A machine in QEMU, without KVM, that runs Xen: dom0, and a driver domain with Open vSwitch. integration/xen/build makes what it
/// boots. Its domains are reached by a command port each, on this machine's loopback.
/// </summary>
internal sealed class Machine : IAsyncDisposable
{
    /// <summary>Where the driver domain finds what the host listens at for it: QEMU's network, and the port of AMQP.</summary>
    public const string BrokerInside = "10.0.2.100:5672";

    private const string Program = "qemu-system-x86_64";
    private const string Xen = "console=com1 com1=115200,8n1 dom0_mem=512M,max:512M dom0_max_vcpus=1 loglvl=warning guest_loglvl=warning xpti=off spec-ctrl=off noreboot=true";
    private const string Linux = "role=dom0 root=/dev/vda console=hvc0 mitigations=off quiet";

    /// <summary>Of software emulation on a busy machine; whoever waits longer waits for nothing.</summary>
    private static readonly TimeSpan BootPatience = TimeSpan.FromMinutes(10);

    /// <summary>The domains that commands can be sent to, with their addresses in QEMU's network.</summary>
    private static readonly (string Domain, string Address)[] Inside = [("dom0", "10.0.2.15"), ("dd", "10.0.2.16"), ("g1", "10.0.2.21"), ("g2", "10.0.2.22")];

    private readonly Process process;
    private readonly Dictionary<string, CommandPort> ports;
    private readonly StreamWriter log;
    private readonly TaskCompletionSource ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task reading;

    private Machine(Process process, Dictionary<string, CommandPort> ports, string logFile)
    {
        this.process = process;
        this.ports = ports;
        LogFile = logFile;
        log = new(logFile, append: true) { AutoFlush = true };
        reading = ReadConsoleAsync();
    }

    /// <summary>The console: Xen, dom0, and what they say of the others.</summary>
    public string LogFile { get; }

    public CommandPort this[string domain] => ports[domain];

    public int ProcessId => process.Id;

    /// <summary>Boots, and waits until the driver domain has its switch.</summary>
    public static async Task<Machine> BootAsync(LabSpace space, MachineFiles files, Uri broker, CancellationToken cancellation)
    {
        var machine = Start(space, files, broker, []);
        await machine.WhileRunningAsync(machine.ready.Task, cancellation);
        return machine;
    }

    /// <summary>Goes on where the machine of a snapshot stood.</summary>
    public static async Task<Machine> ResumeAsync(LabSpace space, MachineFiles files, Uri broker, CancellationToken cancellation)
    {
        var machine = Start(space, files, broker, ["-incoming", "defer"]);
        await machine.WhileRunningAsync(machine.MonitorAsync(space, m => m.ReceiveAsync(files.Snapshot, cancellation)), cancellation);
        // The clock inside is that of the snapshot.
        var now = string.Create(CultureInfo.InvariantCulture, $"date -s @{DateTimeOffset.UtcNow.ToUnixTimeSeconds()}");
        await Task.WhenAll(machine["dom0"].RunAsync(now, cancellation), machine["dd"].RunAsync(now, cancellation));
        return machine;
    }

    /// <summary>Stops the machine and writes all its state to the snapshot's file. Of no more use afterwards.</summary>
    public Task SnapshotAsync(LabSpace space, MachineFiles files, CancellationToken cancellation) =>
        WhileRunningAsync(MonitorAsync(space, m => m.SendAsync(files.Snapshot, cancellation)), cancellation);

    /// <summary>What decides whether a snapshot fits: the emulator and its options.</summary>
    public static async Task<string> IdentityAsync()
    {
        var version = await Command.RunAsync(Program, ["--version"]);
        var options = string.Join(' ', Options("", "", "", [])) + Xen + Linux;
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(version + options)))[..16];
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            process.Kill();
        }

        await process.WaitForExitAsync();
        await reading;
        await log.DisposeAsync();
        process.Dispose();
    }

    private static Machine Start(LabSpace space, MachineFiles files, Uri broker, IEnumerable<string> more)
    {
        var ports = Inside.ToDictionary(d => d.Domain, d => new CommandPort(d.Domain, CommandPort.FreePort()));
        var forwards = string.Concat(Inside.Select(d => string.Create(CultureInfo.InvariantCulture, $",hostfwd=tcp:127.0.0.1:{ports[d.Domain].Port}-{d.Address}:23")));
        var bus = $",guestfwd=tcp:{BrokerInside}-cmd:{files.BusyBox} nc {broker.Host} {broker.Port}";
        // Every other process of this machine goes first.
        var process = space.Start("nice", ["-n", "10", Program, .. Options(files.Boot, files.Payload, forwards + bus, more), "-qmp", $"unix:{MonitorSocket(space)},server=on,wait=off"]);
        process.StandardInput.Close();
        return new(process, ports, files.Console);
    }

    private static IEnumerable<string> Options(string boot, string payload, string forwards, IEnumerable<string> more) =>
    [
        "-name", "osc-xen", "-M", "q35", "-accel", "tcg,thread=multi,tb-size=256", "-cpu", "qemu64", "-smp", "2", "-m", "2048",
        "-display", "none", "-nodefaults", "-no-reboot", "-serial", "stdio",
        "-kernel", $"{boot}/xen", "-append", Xen, "-initrd", $"{boot}/vmlinuz {Linux},{boot}/initrd.img",
        "-drive", $"if=none,id=root,file={boot}/root.img,format=raw,readonly=on", "-device", "virtio-blk-pci,drive=root",
        "-drive", $"if=none,id=payload,file={payload},format=raw,readonly=on", "-device", "virtio-blk-pci,drive=payload",
        "-netdev", $"user,id=net,restrict=on,ipv6=off{forwards}", "-device", "virtio-net-pci,netdev=net,mac=52:54:00:00:00:01",
        .. more,
    ];

    private static string MonitorSocket(LabSpace space) => Path.Combine(space.DirectoryPath, "qemu.sock");

    private async Task MonitorAsync(LabSpace space, Func<Monitor, Task> work)
    {
        await using var monitor = await Monitor.ConnectAsync(MonitorSocket(space), process);
        await work(monitor);
    }

    /// <exception cref="LabException">The machine ended, or its patience did.</exception>
    private async Task WhileRunningAsync(Task work, CancellationToken cancellation)
    {
        var ended = process.WaitForExitAsync(cancellation);
        if (await Task.WhenAny(work, ended).WaitAsync(BootPatience, cancellation) == ended)
        {
            await reading;
            throw new LabException($"QEMU ended with code {process.ExitCode}: {(await process.StandardError.ReadToEndAsync(cancellation)).Trim()} (console: {LogFile})");
        }

        await work;
    }

    private async Task ReadConsoleAsync()
    {
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            await log.WriteLineAsync(line);
            if (line.Contains("osc: dom0", StringComparison.Ordinal) && line.TrimEnd().EndsWith("s: ready", StringComparison.Ordinal))
            {
                ready.TrySetResult();
            }
            else if (line.Contains("panic", StringComparison.OrdinalIgnoreCase) || line.Contains("s: failed", StringComparison.Ordinal))
            {
                ready.TrySetException(new LabException($"the machine did not come up: {line.Trim()} (console: {LogFile})"));
            }
        }
    }
}
