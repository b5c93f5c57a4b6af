using System.CommandLine;
using Osc.Audit.Checkpoints;
using Osc.Audit.Merkle;
using Osc.Audit.Verification;
using Osc.Cli.CommandLine;
using Osc.Cli.Server;
using Osc.Cli.Terminal;
using Osc.Model;

namespace Osc.Cli.Audit;

/// <summary>osc audit verify: whether a log is the one that a checkpoint was of, and has only grown since.</summary>
internal static class AuditVerifyCommand
{
    private const string ExportName = "the server's export";

    public static Command Create(Shell shell)
    {
        var files = new Argument<string[]>("FILE") { Description = "Archives and exports (NDJSON) that follow each other; without any, the log of a server.", Arity = ArgumentArity.ZeroOrMore };
        var checkpoint = Arguments.Text("--checkpoint", "FILE", "The checkpoint that is held. With a server, the file gets the newest one if all is well; it need not be there yet.");
        var keys = Arguments.Text("--keys", "FILE", "Public keys, a line each, that checkpoints have to be signed by; with a server, the server's own unless said.");
        var output = Arguments.Output();
        var server = new ServerOptions(shell);
        var command = new Command("verify", "Verifies that the audit log is the one that a checkpoint was of.") { files, checkpoint, keys, output };
        server.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var named = parsed.GetValue(files) ?? [];
            var file = parsed.GetValue(checkpoint);
            if (named.Length > 0 && file is null)
            {
                return shell.Fail(ExitCode.BadUsage, "against what? Say --checkpoint FILE, with a checkpoint that was held elsewhere");
            }

            HeldCheckpoint? held = null;
            if (file is not null && (named.Length > 0 || File.Exists(file)) && !HeldCheckpoint.TryRead(file, out held, out var unreadable))
            {
                return shell.Fail(ExitCode.BadUsage, unreadable);
            }

            if (!TryReadKeys(parsed.GetValue(keys), out var known, out var wrong))
            {
                return shell.Fail(ExitCode.BadUsage, wrong);
            }

            if (named.Length > 0)
            {
                return Print(shell, parsed.GetValue(output), await VerifyFilesAsync(named, held!, known, cancellation)); // files need one
            }

            if (server.Connect(parsed) is not { } client)
            {
                return ExitCode.BadUsage;
            }

            try
            {
                return Print(shell, parsed.GetValue(output), await VerifyServerAsync(new(client), held, file, known, cancellation));
            }
            catch (AuditFailure failure)
            {
                return shell.Fail(failure.Answer);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return shell.Fail(ExitCode.ServerOutOfReach, $"not verified: {e.Message}");
            }
        });
        return command;
    }

    private static async Task<Verified> VerifyFilesAsync(IReadOnlyList<string> files, HeldCheckpoint held, ValueList<PublicKey>? keys, CancellationToken cancellation)
    {
        var verifier = new LogVerifier([held.Checkpoint]);
        var lines = new LogLines(verifier, (_, _) => Task.FromResult<IReadOnlyList<TreeHash>?>(null));
        var error = keys is not null && !held.Note.IsSignedBy(keys) ? "the checkpoint is signed by none of the keys" : null;
        foreach (var file in files)
        {
            error ??= await lines.VerifyFileAsync(file, cancellation);
        }

        return new(held.Checkpoint, verifier.Size, null, error ?? verifier.End());
    }

    private static async Task<Verified> VerifyServerAsync(AuditServer server, HeldCheckpoint? held, string? file, ValueList<PublicKey>? keys, CancellationToken cancellation)
    {
        keys ??= await server.KeysAsync(cancellation);
        var newest = await server.CheckpointAsync(cancellation);
        var (from, to) = (held?.Checkpoint, newest.Checkpoint);
        var error = !newest.Note.IsSignedBy(keys) ? "the server's checkpoint is signed by none of the keys"
            : held is not null && !held.Note.IsSignedBy(keys) ? "the checkpoint that is held is signed by none of the keys"
            : from is not null && from.Origin != to.Origin ? $"the checkpoint that is held is of the log {from.Origin}, and the server's is {to.Origin}"
            : from is not null && from.Size > to.Size ? $"the server's log has {to.Size} records, and had {from.Size}: records were taken away"
            : from is not null && !(await server.ConsistencyAsync(from.Size, to.Size, cancellation)).Proves(from.Root, to.Root) ? $"the server's log is not the one of the checkpoint that is held: records up to {from.Size} were changed"
            : null;
        var verifier = new LogVerifier(from is null ? [to] : [from, to]);
        if (error is null && to.Size > 0)
        {
            await using var export = await server.ExportAsync(cancellation);
            error = await new LogLines(verifier, async (size, c) => await server.PeaksAsync(size, c)).VerifyAsync(export, ExportName, cancellation) ?? verifier.End();
        }

        if (error is null && file is not null)
        {
            newest.Write(file);
        }

        return new(to, verifier.Size, from?.Size, error);
    }

    private static bool TryReadKeys(string? file, out ValueList<PublicKey>? keys, [System.Diagnostics.CodeAnalysis.NotNullWhen(false)] out string? error)
    {
        (keys, error) = (null, null);
        if (file is null)
        {
            return true;
        }

        try
        {
            var lines = File.ReadAllLines(file).Where(l => l.Length > 0).ToList();
            keys = lines.Select(l => PublicKey.TryParse(l, out var key) ? key : null).OfType<PublicKey>().ToValueList();
            error = keys.Count == lines.Count && keys.Count > 0 ? null : $"{file}: each line has to be a public key, NAME+ID+...";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            error = $"the keys cannot be read: {e.Message}";
        }

        return error is null;
    }

    private static int Print(Shell shell, OutputFormat format, Verified verified)
    {
        var (checkpoint, records, since, error) = verified;
        if (error is not null)
        {
            return shell.Refuse(error, "the audit log is NOT the one that was signed");
        }

        var answer = new { checkpoint.Origin, checkpoint.Size, Root = checkpoint.Root.ToString(), Records = records, Since = since };
        return shell.Print(format, AnswerJson.Of(answer), () =>
        {
            shell.Line($"{checkpoint.Origin}: {records} records are those of the checkpoint of {checkpoint.Size}{(records > checkpoint.Size ? $", and {records - checkpoint.Size} after it" : "")}");
            if (since is { } size)
            {
                shell.Line($"nothing was changed since the checkpoint of {size} that was held");
            }
        });
    }

    private sealed record Verified(Checkpoint Checkpoint, long Records, long? Since, string? Error);
}
