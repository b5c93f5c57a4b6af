using System.Text;
using System.Text.RegularExpressions;

namespace Osc.Fuzz.Engine;

/// <summary>Words to put into inputs: those of the seeds, and those that parsers stumble over.</summary>
internal sealed partial class Vocabulary
{
    private const int MaxWords = 4_000;

    private static readonly string[] Stumbling =
    [
        "null", "true", "false", "~", "yes", "0", "-1", "1", "00", "0x0", "0x", "255", "256", "65535", "65536", "2147483647", "2147483648", "4294967295", "4294967296",
        "9223372036854775807", "9223372036854775808", "18446744073709551616", "340282366920938463463374607431768211456", "1e400", "-0", "1.5", "NaN", "1E2", "+1",
        "\"\"", "''", "[]", "{}", "[[", "]]", "{{", "}}", "()", ",,", "::", "//", "..", "--", "---\n", "...\n", "- ", "? ", ": ", "#", " #", "|\n", ">\n", "|2-\n", "&a ", "*a", "<<: *a\n", "!!str ", "!!binary ", "!x ",
        "%YAML 1.2\n", "%TAG ! x\n", "\\ud800", "\\udc00", "\\u0000", "\\x", "\ud83d\ude00", "\u00e9", "\ufeff", "\u2028", "\u0085", "\u00a0", "\u0130", "\0", "\t", "\r\n", "\r", "\n\n", " ", "%", "@", "`", "\\", "'", "\"",
        "0.0.0.0/0", "::/0", "::ffff:0:0/96", "255.255.255.255", "10.0.0.1/33", "fe80::1%eth0", "ff:ff:ff:ff:ff:ff", "/", "/0", "/128", "a/b/c", ".", "-", "_", "=", "==", "!=", "!", "in", "notin",
    ];

    private static readonly byte[][] Broken = [[0xff], [0xc3], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0, 0, 0, 0], [0xff, 0xff, 0xff, 0xff]];

    public Vocabulary(IEnumerable<byte[]> seeds) => Words =
    [
        .. Stumbling.Select(Encoding.UTF8.GetBytes),
        .. Broken,
        .. seeds.Where(IsText).SelectMany(s => Word().Matches(Encoding.UTF8.GetString(s)).Select(m => m.Value)).Distinct().Take(MaxWords).Select(Encoding.UTF8.GetBytes),
    ];

    public IReadOnlyList<byte[]> Words { get; }

    public static bool IsText(byte[] bytes) => bytes.AsSpan().IndexOfAnyInRange((byte)0, (byte)8) < 0;

    [GeneratedRegex("""[A-Za-z0-9_.:/+-]+|"[^"\n]{0,60}"|[^\sA-Za-z0-9]+""")]
    private static partial Regex Word();
}
