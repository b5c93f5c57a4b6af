using System.CommandLine;
using System.Runtime.Versioning;
using System.Security.Cryptography;
using Osc.Audit.Checkpoints;
using Osc.Cli.CommandLine;
using Osc.Cli.Server;
using Osc.Cli.Terminal;

namespace Osc.Cli.Audit;

/// <summary>osc audit checkpoint, keys, new-key, rotate-key: what is held elsewhere, and the keys that sign it.</summary>
internal static class AuditKeyCommands
{
    private const int OriginBytes = 8;

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public static IEnumerable<Command> Create(Shell shell) =>
    [
        OfServer(shell, "checkpoint", "Prints the audit log's checkpoint, to be held elsewhere.", async (server, c) => (await server.CheckpointAsync(c)).Note.ToString()),
        OfServer(shell, "keys", "Prints the public keys that verify checkpoints, the newest first.", async (server, c) => string.Concat((await server.KeysAsync(c)).Select(k => k + "\n"))),
        OfFile(shell, "new-key", "Makes the key file of a log that has none, or has lost it. The controller reads it when it starts.", New),
        OfFile(shell, "rotate-key", "Puts a new key into a key file, and keeps of the old one the public half. The controller reads it when it starts.", Rotate),
    ];

    private static Command OfServer(Shell shell, string name, string description, Func<AuditServer, CancellationToken, Task<string>> ask)
    {
        var server = new ServerOptions(shell);
        var command = new Command(name, description);
        server.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            if (server.Connect(parsed) is not { } client)
            {
                return ExitCode.BadUsage;
            }

            try
            {
                shell.Out.Write(await ask(new(client), cancellation));
                return ExitCode.Done;
            }
            catch (AuditFailure failure)
            {
                return shell.Fail(failure.Answer);
            }
        });
        return command;
    }

    private static Command OfFile(Shell shell, string name, string description, Func<string, (KeyRing? Keys, string? Error)> make)
    {
        var file = new Argument<string>("FILE") { Description = "The controller's audit.keyFile." };
        var command = new Command(name, description) { file };
        command.SetAction(parsed =>
        {
            try
            {
                var path = parsed.GetRequiredValue(file);
                var (keys, error) = OperatingSystem.IsLinux() ? make(path) : (null, "keys are made on Linux, where permissions keep them from others");
                if (keys is null || !OperatingSystem.IsLinux())
                {
                    return shell.Refuse(error ?? "");
                }

                Write(path, keys);
                shell.Line(keys.Current.Public.ToString());
                return ExitCode.Done;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return shell.Refuse(e.Message);
            }
        });
        return command;
    }

    private static (KeyRing? Keys, string? Error) New(string path) =>
        File.Exists(path) ? (null, $"{path} is there already: rotate-key puts a new key into it") : (KeyRing.Create($"osc/{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(OriginBytes))}"), null);

    private static (KeyRing? Keys, string? Error) Rotate(string path) =>
        KeyRing.TryParse(File.ReadAllText(path), out var keys, out var error) ? (keys.Rotate(), null) : (null, $"{path}: {error}");

    [SupportedOSPlatform("linux")]
    private static void Write(string path, KeyRing keys)
    {
        var unfinished = path + ".new";
        File.Delete(unfinished);
        using (var stream = new FileStream(unfinished, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OwnerOnly }))
        using (var text = new StreamWriter(stream))
        {
            text.Write(keys.Print());
            text.Flush();
            stream.Flush(flushToDisk: true);
        }

        File.Move(unfinished, path, overwrite: true);
    }
}
