using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Osc.Audit;
using Osc.Cli.CommandLine;
using Osc.Cli.Server;
using Osc.Cli.Terminal;

namespace Osc.Cli.Audit;

/// <summary>osc audit prove: that one record is in the log that a checkpoint is of.</summary>
internal static class AuditProveCommand
{
    public static Command Create(Shell shell)
    {
        var sequence = new Argument<long>("SEQ") { Description = "The record's sequence number." };
        var checkpoint = Arguments.Text("--checkpoint", "FILE", "The checkpoint that is held; the server's newest one unless said.");
        var output = Arguments.Output();
        var server = new ServerOptions(shell);
        var command = new Command("prove", "Proves that a record is in the audit log that a checkpoint is of.") { sequence, checkpoint, output };
        server.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            HeldCheckpoint? held = null;
            if (parsed.GetValue(checkpoint) is { } file && !HeldCheckpoint.TryRead(file, out held, out var unreadable))
            {
                return shell.Fail(ExitCode.BadUsage, unreadable);
            }

            if (server.Connect(parsed) is not { } client)
            {
                return ExitCode.BadUsage;
            }

            try
            {
                return await ProveAsync(shell, client, parsed.GetValue(sequence), held, parsed.GetValue(output), cancellation);
            }
            catch (AuditFailure failure)
            {
                return shell.Fail(failure.Answer);
            }
        });
        return command;
    }

    private static async Task<int> ProveAsync(Shell shell, ApiClient client, long sequence, HeldCheckpoint? held, OutputFormat format, CancellationToken cancellation)
    {
        var server = new AuditServer(client);
        held ??= await server.CheckpointAsync(cancellation);
        var proof = await server.InclusionAsync(sequence, held.Checkpoint.Size, cancellation);
        var found = await client.SendAsync(ApiRequest.Get(string.Create(CultureInfo.InvariantCulture, $"audit?sequence={sequence}")), cancellation);
        if (found.Body is not { } page)
        {
            return shell.Fail(found);
        }

        if (page.GetProperty("items").EnumerateArray().FirstOrDefault() is not { ValueKind: JsonValueKind.Object } item)
        {
            return shell.Refuse($"record {sequence} is archived: find it in its archive, and verify that");
        }

        var record = AuditJson.Read(Encoding.UTF8.GetBytes(item.GetRawText()));
        if (!proof.Proves(AuditLeaf.HashOf(record), held.Checkpoint.Root))
        {
            return shell.Refuse($"record {sequence} is NOT the one that the log had when the checkpoint of {held.Checkpoint.Size} was signed");
        }

        var answer = new { Record = item, Index = proof.Index, Size = proof.Size, Hashes = proof.Hashes.Select(h => h.ToString()), Checkpoint = held.Note.ToString() };
        return shell.Print(format, AnswerJson.Of(answer), () => shell.Line(
            $"record {sequence} ({Times.Show(record.Time)}, {record.Actor}, {record.Action}) is in the log {held.Checkpoint.Origin} of {held.Checkpoint.Size} records: {proof.Hashes.Count} hashes lead to its root"));
    }
}
