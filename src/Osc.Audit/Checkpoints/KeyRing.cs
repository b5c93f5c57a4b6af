using System.Diagnostics.CodeAnalysis;
using Osc.Model;

namespace Osc.Audit.Checkpoints;

/// <summary>
/// The keys of a log: the one that signs, and the public halves of all that ever did, so that old checkpoints stay verifiable. As a
/// file: the signing key's line, then a line for each public key, the newest first.
/// </summary>
public sealed record KeyRing(SigningKey Current, ValueList<PublicKey> All)
{
    /// <summary>The log's name, which all keys bear.</summary>
    public string Origin => Current.Public.Name;

    /// <summary>The first key of a log.</summary>
    public static KeyRing Create(string origin)
    {
        var key = SigningKey.Create(origin);
        return new(key, [key.Public]);
    }

    /// <summary>Signs with a new key from now on; the private half of the old one is gone.</summary>
    public KeyRing Rotate()
    {
        var key = SigningKey.Create(Origin);
        return new(key, [key.Public, .. All]);
    }

    public SignedNote Sign(Checkpoint checkpoint) => Current.Sign(checkpoint.Text);

    public string Print() => string.Join('\n', [Current.Print(), .. All.Select(k => k.ToString()), ""]);

    /// <param name="error">What is wrong, without a word of the secret.</param>
    public static bool TryParse(string file, [NotNullWhen(true)] out KeyRing? keys, [NotNullWhen(false)] out string? error)
    {
        keys = null;
        var lines = file.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (lines.Length == 0 || !SigningKey.TryParse(lines[0], out var current))
        {
            error = "line 1 is no signing key (PRIVATE+KEY+NAME+ID+...)";
            return false;
        }

        var all = new List<PublicKey>();
        foreach (var line in lines.Skip(1))
        {
            if (!PublicKey.TryParse(line, out var key) || key.Name != current.Public.Name)
            {
                error = $"line {all.Count + 2} is no public key of {current.Public.Name} (NAME+ID+...)";
                return false;
            }

            all.Add(key);
        }

        if (all.FirstOrDefault() != current.Public)
        {
            error = "line 2 is not the public half of line 1";
            return false;
        }

        (keys, error) = (new(current, all.ToValueList()), null);
        return true;
    }
}
