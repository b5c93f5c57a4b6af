using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using Osc.Model;

namespace Osc.Audit.Checkpoints;

/// <summary>
/// A text and its signatures, as C2SP's signed-note writes them:
/// <code>
/// text, which ends with a line end
///
/// — NAME BASE64(u32 key id, big-endian || signature)      for each signature
/// </code>
/// </summary>
public sealed record SignedNote(string Text, ValueList<NoteSignature> Signatures)
{
    /// <summary>In characters. A checkpoint with sixteen signatures has a tenth of it.</summary>
    public const int MaxLength = 16_384;

    private const string SignaturePrefix = "— ";

    /// <summary>Whether one of the keys signed it, and no signature that bears a key's name and id is another's.</summary>
    public bool IsSignedBy(IReadOnlyList<PublicKey> keys)
    {
        var known = Signatures.SelectMany(s => keys.Where(k => k.Name == s.Name && k.Id == s.KeyId).Select(k => k.Verifies(Text, s.Bytes.AsSpan()))).ToList();
        return known.Count > 0 && known.TrueForAll(isGood => isGood);
    }

    public static bool TryParse(string note, [NotNullWhen(true)] out SignedNote? parsed)
    {
        parsed = null;
        var end = note.LastIndexOf("\n\n", StringComparison.Ordinal);
        if (note.Length > MaxLength || end < 0 || end + 2 == note.Length || note[^1] != '\n' || note.Any(c => c < ' ' && c != '\n'))
        {
            return false;
        }

        var signatures = note[(end + 2)..^1].Split('\n').Select(ParseSignature).ToList();
        if (signatures.Exists(s => s is null))
        {
            return false;
        }

        parsed = new(note[..(end + 1)], signatures.OfType<NoteSignature>().ToValueList());
        return true;
    }

    public override string ToString()
    {
        var note = new StringBuilder(Text).Append('\n');
        foreach (var signature in Signatures)
        {
            note.Append(SignaturePrefix).Append(signature).Append('\n');
        }

        return note.ToString();
    }

    private static NoteSignature? ParseSignature(string line)
    {
        var parts = line.StartsWith(SignaturePrefix, StringComparison.Ordinal) ? line[SignaturePrefix.Length..].Split(' ') : [];
        var bytes = new byte[line.Length];

        // Spelt as it would be printed, so that a note has one text.
        return parts.Length == 2 && NoteName.IsGood(parts[0])
            && Convert.TryFromBase64String(parts[1], bytes, out var length) && length > sizeof(uint) && Convert.ToBase64String(bytes.AsSpan(0, length)) == parts[1]
            ? new(parts[0], BinaryPrimitives.ReadUInt32BigEndian(bytes), ValueList.Create<byte>(bytes.AsSpan(sizeof(uint), length - sizeof(uint))))
            : null;
    }
}

/// <param name="Name">The key's name.</param>
/// <param name="KeyId">Tells keys of one name apart.</param>
public sealed record NoteSignature(string Name, uint KeyId, ValueList<byte> Bytes)
{
    public override string ToString()
    {
        var bytes = new byte[sizeof(uint) + Bytes.Count];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, KeyId);
        Bytes.AsSpan().CopyTo(bytes.AsSpan(sizeof(uint)));
        return $"{Name} {Convert.ToBase64String(bytes)}";
    }
}
