using System.Diagnostics.CodeAnalysis;
using Osc.Audit.Checkpoints;

namespace Osc.Cli.Audit;

/// <summary>A checkpoint that somebody holds, in a file as it was signed.</summary>
internal sealed record HeldCheckpoint(SignedNote Note, Checkpoint Checkpoint)
{
    public static bool TryParse(string text, [NotNullWhen(true)] out HeldCheckpoint? held)
    {
        held = SignedNote.TryParse(text, out var note) && Checkpoint.TryParse(note.Text, out var checkpoint) ? new(note, checkpoint) : null;
        return held is not null;
    }

    /// <param name="error">Why it cannot be read, for people.</param>
    public static bool TryRead(string file, [NotNullWhen(true)] out HeldCheckpoint? held, [NotNullWhen(false)] out string? error)
    {
        held = null;
        try
        {
            error = TryParse(File.ReadAllText(file), out held) ? null : $"{file}: there is no signed checkpoint in it";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            error = $"the checkpoint cannot be read: {e.Message}";
        }

        return error is null && held is not null;
    }

    /// <summary>Replaces the file at once or not at all.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    public void Write(string file)
    {
        var unfinished = file + ".new";
        File.WriteAllText(unfinished, Note.ToString());
        File.Move(unfinished, file, overwrite: true);
    }
}
