using System.Text;
using System.Text.RegularExpressions;

namespace Osc.Fuzz.Targets;

/// <summary>What came of an input in few words, for telling outcomes apart: messages without what they cite.</summary>
internal static partial class Shape
{
    private const int MaxLength = 160;

    /// <summary>Decodes bytes the way a reader of files does: what is no UTF-8 becomes U+FFFD.</summary>
    public static string Text(byte[] input) => Encoding.UTF8.GetString(input);

    public static string Of(string message)
    {
        var shape = Cited().Replace(message, "_");
        return shape.Length <= MaxLength ? shape : shape[..MaxLength];
    }

    [GeneratedRegex("""'[^']*'|"[^"]*"|[0-9]+|\s+""")]
    private static partial Regex Cited();
}
