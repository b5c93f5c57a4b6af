using System.Diagnostics;
using System.Globalization;
using Osc.Lab;

namespace Osc.PackageTrial;

/// <summary>
/// This machine as it would be after a boot, with systemd as its first process (systemd-nspawn(1)): processes of its own, its own changes over this
/// machine's files, which vanish with it, and this machine's network.
/// </summary>
internal sealed class Container
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan PollEvery = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// Arguments: a directory of its own, what to bind. The mounts belong to a mount namespace and go with it. A policy-rc.d, which containers have that
    /// start no services, would keep packages from starting theirs.
    /// </summary>
    private const string Script = """
        set -e
        directory=$1; shift
        mount -t tmpfs tmpfs "$directory"
        mkdir "$directory/changes" "$directory/work" "$directory/root"
        mount -t overlay overlay -o "lowerdir=/,upperdir=$directory/changes,workdir=$directory/work" "$directory/root"
        rm -f "$directory/root/usr/sbin/policy-rc.d" "$directory/root/etc/machine-id"
        printf '[Unit]\nRequires=basic.target\nAfter=basic.target\n' >"$directory/root/etc/systemd/system/trial.target"
        exec systemd-nspawn --quiet --directory="$directory/root" --boot --register=no --keep-unit --console=pipe "$@" systemd.unit=trial.target
        """;

    private readonly Process process;
    private readonly int first;

    private Container(Process process, int first)
    {
        this.process = process;
        this.first = first;
    }

    /// <summary>Starts it; returns when systemd has reached its target.</summary>
    /// <param name="binds">Directories: from path here to path inside.</param>
    /// <exception cref="LabException">systemd-nspawn is missing, or systemd does not start.</exception>
    public static async Task<Container> StartAsync(LabSpace space, IReadOnlyDictionary<string, string> binds)
    {
        var directory = Directory.CreateDirectory(Path.Combine(space.DirectoryPath, "container")).FullName;
        var process = space.Start(
            "unshare", ["--mount", "sh", "-c", Script, "sh", directory, $"--machine=osc-{space.Name}", .. binds.Select(b => $"--bind={b.Key}:{b.Value}")]);
        process.StandardInput.Close();
        process.OutputDataReceived += static (_, line) => Debug.WriteLine(line.Data);
        process.BeginOutputReadLine();
        var waited = Stopwatch.StartNew();
        while (true)
        {
            if (process.HasExited || waited.Elapsed > Patience)
            {
                throw new LabException($"systemd does not start in a container: {(process.HasExited ? (await process.StandardError.ReadToEndAsync()).Trim() : "no answer")} (apt-get install systemd-container)");
            }

            if (FirstProcess(process.Id) is { } first && await new Container(process, first).IsUpAsync())
            {
                return new(process, first);
            }

            await Task.Delay(PollEvery);
        }
    }

    /// <summary>Runs a program inside to its end.</summary>
    /// <returns>Its standard output.</returns>
    public Task<string> RunAsync(params IEnumerable<string> arguments) => Command.RunAsync("nsenter", Enter(arguments));

    /// <summary>Writes a file inside.</summary>
    public Task WriteAsync(string path, string text) => Command.RunAsync("nsenter", Enter(["sh", "-c", $"mkdir -p $(dirname {path}) && cat >{path}"]), text);

    /// <summary>Whether a path is there.</summary>
    public async Task<bool> HasAsync(string path) => (await RunAsync("sh", "-c", $"if [ -e {path} ]; then echo yes; fi")).Length > 0;

    /// <returns>The process of a service; 0 for none.</returns>
    public async Task<int> MainProcessAsync(string unit) => int.Parse((await RunAsync("systemctl", "show", "--value", "--property=MainPID", unit)).Trim(), CultureInfo.InvariantCulture);

    /// <summary>Ends it with all that runs in it.</summary>
    public async Task StopAsync()
    {
        using (var systemd = Process.GetProcessById(first))
        {
            systemd.Kill();
        }

        await process.WaitForExitAsync();
    }

    private async Task<bool> IsUpAsync()
    {
        try
        {
            return (await RunAsync("sh", "-c", "systemctl is-active trial.target || true")).Trim() == "active";
        }
        catch (LabException)
        {
            // Not even its files are there yet.
            return false;
        }
    }

    private string[] Enter(IEnumerable<string> arguments) =>
        ["--target", first.ToString(CultureInfo.InvariantCulture), "--mount", "--uts", "--ipc", "--pid", "--cgroup", "--root", "--wd=/", .. arguments];

    /// <summary>systemd-nspawn's child, which is the first process inside.</summary>
    private static int? FirstProcess(int nspawn)
    {
        var children = $"/proc/{nspawn}/task/{nspawn}/children";
        return File.Exists(children) && File.ReadAllText(children).Split(' ', StringSplitOptions.RemoveEmptyEntries) is [var only]
            && File.Exists($"/proc/{only}/comm") && File.ReadAllText($"/proc/{only}/comm").Trim() == "systemd"
            ? int.Parse(only, CultureInfo.InvariantCulture)
            : null;
    }
}
