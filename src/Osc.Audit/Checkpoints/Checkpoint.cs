using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Osc.Audit.Merkle;

namespace Osc.Audit.Checkpoints;

/// <summary>
/// What a log was at a size: the text of a C2SP tlog-checkpoint, which is signed as a <see cref="SignedNote"/>.
/// <code>
/// origin          names the log
/// size            how many records it has
/// root            base64 of the root of their tree
/// </code>
/// </summary>
/// <param name="Origin">No white space, no "+".</param>
public sealed record Checkpoint(string Origin, long Size, TreeHash Root)
{
    private const int Lines = 3;

    /// <summary>The text that is signed.</summary>
    public string Text => string.Create(CultureInfo.InvariantCulture, $"{Origin}\n{Size}\n{Root}\n");

    /// <summary>Reads a note's text. Lines after the third are another log's extensions and are left alone.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out Checkpoint? checkpoint)
    {
        checkpoint = null;
        var lines = text.Split('\n');
        if (lines.Length <= Lines || lines[^1].Length > 0 || lines.AsSpan(0, lines.Length - 1).Contains("") || !NoteName.IsGood(lines[0])
            || !long.TryParse(lines[1], NumberStyles.None, CultureInfo.InvariantCulture, out var size) || lines[1] != size.ToString(CultureInfo.InvariantCulture)
            || !TreeHash.TryParse(lines[2], out var root))
        {
            return false;
        }

        checkpoint = new(lines[0], size, root);
        return true;
    }
}
