using System.Diagnostics;
using Osc.Lab;
using Osc.Lab.RabbitMq;
using Osc.Model;

namespace Osc.Integration.Agent;

/// <summary>An agent as a process of its own, which can be killed, stopped, replaced and started again.</summary>
internal sealed class AgentDaemon(LabSpace space, Name host, SwitchInstance openSwitch, RabbitMqBroker broker)
{
    /// <summary>
    /// The agent where its own build puts it. The copy beside these tests lacks the assemblies that ASP.NET, which the tests use and
    /// the agent does not, brings along.
    /// </summary>
    private static readonly string Built =
        Path.GetFullPath(Path.Combine(AppContext.BaseDirectory.Replace("/integration/Osc.Integration/", "/src/Osc.Agent/", StringComparison.Ordinal)));

    private string directory = Built;
    private Process? process;

    public string StateDirectory { get; } = Directory.CreateDirectory(Path.Combine(space.DirectoryPath, $"state-{host}")).FullName;

    /// <summary>Starts the agent. Its end is the caller's to bring about.</summary>
    /// <param name="options">Of its command line, besides those that it cannot do without.</param>
    public void Start(params string[] options)
    {
        process = space.Start(Path.Combine(directory, "osc-agent"),
        [
            "--host", host.Value, "--broker", broker.Uri.ToString(), "--ovs-run-directory", openSwitch.RunDirectory, "--state-directory", StateDirectory,
            "--log-level", "debug", .. options,
        ]);
        process.OutputDataReceived += static (_, line) => Debug.WriteLine(line.Data);
        process.ErrorDataReceived += static (_, line) => Debug.WriteLine(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>kill -9.</summary>
    public async Task KillAsync(CancellationToken cancellation)
    {
        process!.Kill();
        await process.WaitForExitAsync(cancellation);
    }

    /// <summary>SIGTERM.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> StopAsync(CancellationToken cancellation)
    {
        await Command.RunAsync("kill", ["-TERM", $"{process!.Id}"], cancellation: cancellation);
        await process.WaitForExitAsync(cancellation);
        return process.ExitCode;
    }

    /// <summary>Puts the program's files anew, as a package does: beside the old ones, then in their place.</summary>
    public void Replace()
    {
        var installed = Path.Combine(space.DirectoryPath, $"program-{host}");
        Directory.CreateDirectory(installed);
        foreach (var file in Directory.EnumerateFiles(Built))
        {
            var target = Path.Combine(installed, Path.GetFileName(file));
            File.Copy(file, target + ".new", overwrite: true);
            File.Move(target + ".new", target, overwrite: true);
        }

        directory = installed;
    }
}
