using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Osc.Integration.WholeSystem;
using Osc.Lab;

namespace Osc.Integration.Crash;

/// <summary>One run of the program osc-controller, on a directory of its own, as a process that a test may end in any way.</summary>
internal sealed class ControllerProcess : IAsyncDisposable
{
    public const string Admin = "of-this-test-alone";

    private const string Listening = " listens at ";

    private readonly Process process;
    private readonly StringBuilder log = new();
    private readonly TaskCompletionSource<Uri?> address = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task output;
    private readonly Task<string> errors;

    private ControllerProcess(Process process)
    {
        this.process = process;
        process.StandardInput.Close();
        errors = process.StandardError.ReadToEndAsync();
        output = ReadAsync();
    }

    /// <summary>What it said on standard output.</summary>
    public string Log
    {
        get
        {
            lock (log)
            {
                return log.ToString();
            }
        }
    }

    /// <summary>Writes a configuration: any free port of loopback, the store "osc.db", one token.</summary>
    /// <param name="directory">Where the configuration is, and the store unless it is said.</param>
    /// <param name="storeDirectory">Where the store is.</param>
    /// <param name="keepDays">See docs/audit.md; null: for ever.</param>
    /// <returns>The configuration file.</returns>
    public static string Configure(string directory, string? storeDirectory = null, int? keepDays = null)
    {
        var file = Path.Combine(directory, "controller.json");
        File.WriteAllText(file, JsonSerializer.Serialize(new
        {
            listen = "http://127.0.0.1:0",
            store = Path.Combine(storeDirectory ?? directory, "osc.db"),
            names = new { resolve = false },
            audit = new { keepDays },
            limits = new { requestsPerSecond = 100_000, burst = 100_000 },
            tokens = new[] { new { name = "test", role = "admin", sha256 = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Admin))) } },
        }));
        return file;
    }

    public static ControllerProcess Start(LabSpace space, string configuration, IReadOnlyDictionary<string, string>? environment = null) =>
        new(space.Start(ProgramRun.PathOf("osc-controller"), ["--config", configuration], environment));

    /// <summary>Starts it where it sees a disk.</summary>
    public static ControllerProcess Start(SmallDisk disk, string configuration) => new(disk.Start(ProgramRun.PathOf("osc-controller"), "--config", configuration));

    /// <summary>Where it listens, once it does; null if it ended before.</summary>
    public Task<Uri?> AddressAsync() => address.Task;

    /// <summary>Starts it, and waits until it listens.</summary>
    /// <exception cref="LabException">It ended instead.</exception>
    public static Task<(ControllerProcess Process, Uri Address)> StartListeningAsync(LabSpace space, string configuration, IReadOnlyDictionary<string, string>? environment = null) =>
        ListeningAsync(Start(space, configuration, environment));

    /// <summary>The same where it sees a disk.</summary>
    /// <exception cref="LabException">It ended instead.</exception>
    public static Task<(ControllerProcess Process, Uri Address)> StartListeningAsync(SmallDisk disk, string configuration) => ListeningAsync(Start(disk, configuration));

    private static async Task<(ControllerProcess Process, Uri Address)> ListeningAsync(ControllerProcess process)
    {
        return await process.AddressAsync() is { } address ? (process, address) : throw new LabException($"the controller ended: {(await process.EndAsync()).Error}{process.Log}");
    }

    /// <summary>SIGKILL.</summary>
    public async Task KillAsync()
    {
        process.Kill();
        await EndAsync();
    }

    /// <summary>SIGTERM; returns at once.</summary>
    public Task TerminateAsync() => Command.RunAsync("kill", ["-TERM", process.Id.ToString(CultureInfo.InvariantCulture)]);

    /// <summary>Waits until it has ended.</summary>
    public async Task<(int ExitCode, string Error)> EndAsync()
    {
        await process.WaitForExitAsync();
        await output;
        return (process.ExitCode, await errors);
    }

    public async ValueTask DisposeAsync()
    {
        process.Kill();
        await EndAsync();
        process.Dispose();
    }

    private async Task ReadAsync()
    {
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            lock (log)
            {
                log.AppendLine(line);
            }

            if (line.Split(Listening) is [_, var rest])
            {
                address.TrySetResult(new(rest.Split(',')[0]));
            }
        }

        address.TrySetResult(null);
    }
}
