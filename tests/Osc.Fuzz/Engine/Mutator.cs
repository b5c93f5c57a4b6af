using System.Buffers.Binary;
using System.Text;

namespace Osc.Fuzz.Engine;

/// <summary>Makes new inputs of old ones. It knows bytes, big-endian numbers, words, digits, lines and what stands between brackets.</summary>
internal sealed class Mutator
{
    private const int MaxSteps = 6;

    private static readonly ulong[] Numbers = [0, 1, 2, 3, 4, 7, 8, 15, 16, 31, 32, 63, 64, 127, 128, 255, 256, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xffffffff, ulong.MaxValue];

    private static readonly int[] Depths = [2, 3, 8, 33, 65, 257, 1025, 5000];

    private readonly Random random;
    private readonly Vocabulary vocabulary;
    private readonly Func<byte[], byte[]>[] steps;
    private readonly Func<byte[], byte[]>[] textSteps;
    private IReadOnlyList<byte[]> others = [];

    public Mutator(Random random, Vocabulary vocabulary)
    {
        (this.random, this.vocabulary) = (random, vocabulary);
        steps = [FlipBit, SetByte, SetNumber, NudgeByte, Remove, Repeat, CopyWithin, Cross, InsertWord];
        textSteps = [.. steps, InsertWord, ReplaceWord, ReplaceWord, ReplaceDigits, SwapBrackets, SwapBrackets, RemoveBrackets, Nest, RepeatLine, RemoveLine];
    }

    /// <param name="corpus">What to take parts from.</param>
    public byte[] Mutate(byte[] input, IReadOnlyList<byte[]> corpus, int maxBytes)
    {
        others = corpus;
        var possible = Vocabulary.IsText(input) ? textSteps : steps;
        var result = input;
        for (var left = 1 + random.Next(MaxSteps); left > 0; left--)
        {
            result = possible[random.Next(possible.Length)](result);
            result = result.Length <= maxBytes ? result : result[..maxBytes];
        }

        return result;
    }

    private byte[] FlipBit(byte[] input) => Change(input, 1, bytes => bytes[0] ^= (byte)(1 << random.Next(8)));

    private byte[] SetByte(byte[] input) => Change(input, 1, bytes => bytes[0] = (byte)random.Next(256));

    private byte[] NudgeByte(byte[] input) => Change(input, 1, bytes => bytes[0] += (byte)(random.Next(2) == 0 ? 1 : 255));

    private byte[] SetNumber(byte[] input)
    {
        var number = random.Next(3) == 0 ? (ulong)random.Next(input.Length + 1) : Numbers[random.Next(Numbers.Length)];
        var width = 1 << random.Next(4);
        return Change(input, width, bytes =>
        {
            Span<byte> all = stackalloc byte[sizeof(ulong)];
            if (random.Next(4) == 0)
            {
                BinaryPrimitives.WriteUInt64LittleEndian(all, number);
                all[..width].CopyTo(bytes);
            }
            else
            {
                BinaryPrimitives.WriteUInt64BigEndian(all, number);
                all[^width..].CopyTo(bytes);
            }
        });
    }

    private byte[] Remove(byte[] input) => Splice(input, Span(input), []);

    private byte[] Repeat(byte[] input)
    {
        var (start, length) = Span(input);
        var times = random.Next(8) == 0 ? Depths[random.Next(Depths.Length)] : 1;
        return Splice(input, (start, 0), Times(input.AsSpan(start, length), times));
    }

    private byte[] CopyWithin(byte[] input)
    {
        var (start, length) = Span(input);
        return Splice(input, random.Next(2) == 0 ? Span(input) : (random.Next(input.Length + 1), 0), input.AsSpan(start, length).ToArray());
    }

    private byte[] Cross(byte[] input)
    {
        var other = Other(input);
        var (start, length) = Span(other);
        return Splice(input, random.Next(2) == 0 ? Span(input) : (random.Next(input.Length + 1), 0), other.AsSpan(start, length).ToArray());
    }

    private byte[] InsertWord(byte[] input) => Splice(input, (random.Next(input.Length + 1), 0), AnyWord());

    private byte[] ReplaceWord(byte[] input) => Splice(input, Run(input, IsWordByte), AnyWord());

    private byte[] ReplaceDigits(byte[] input)
    {
        var number = Numbers[random.Next(Numbers.Length)];
        return Splice(input, Run(input, static b => b is >= (byte)'0' and <= (byte)'9'), Encoding.ASCII.GetBytes($"{(random.Next(8) == 0 ? "-" : "")}{number + (ulong)random.Next(3) - 1}"));
    }

    /// <summary>What stands between two brackets gives way to what stands between two elsewhere.</summary>
    private byte[] SwapBrackets(byte[] input)
    {
        var other = random.Next(2) == 0 ? input : Other(input);
        return Brackets(input) is { } here && Brackets(other) is { } there ? Splice(input, here, other.AsSpan(there.Start, there.Length).ToArray()) : InsertWord(input);
    }

    private byte[] RemoveBrackets(byte[] input) => Brackets(input) is { } here ? Splice(input, here, []) : Remove(input);

    private byte[] Nest(byte[] input)
    {
        var depth = Depths[random.Next(Depths.Length)];
        var (open, close) = random.Next(5) switch
        {
            0 => ("[", "]"),
            1 => ("{\"a\":", "}"),
            2 => ("(", ")"),
            3 => ("- ", ""),
            _ => ("{a: ", "}"),
        };
        var (start, length) = Brackets(input) ?? Run(input, IsWordByte);
        return Splice(input, (start, length), [.. Times(Encoding.ASCII.GetBytes(open), depth), .. input.AsSpan(start, length), .. Times(Encoding.ASCII.GetBytes(close), depth)]);
    }

    private byte[] RepeatLine(byte[] input)
    {
        var (start, length) = Run(input, static b => b != (byte)'\n');
        return Splice(input, (start, 0), [.. input.AsSpan(start, length), (byte)'\n']);
    }

    private byte[] RemoveLine(byte[] input) => Splice(input, Run(input, static b => b != (byte)'\n'), []);

    private byte[] AnyWord() => vocabulary.Words[random.Next(vocabulary.Words.Count)];

    private byte[] Other(byte[] input) => others.Count == 0 ? input : others[random.Next(others.Count)];

    private delegate void Changing(Span<byte> bytes);

    private byte[] Change(byte[] input, int width, Changing change)
    {
        if (input.Length < width)
        {
            return InsertWord(input);
        }

        var result = input.ToArray();
        change(result.AsSpan(random.Next(input.Length - width + 1), width));
        return result;
    }

    /// <summary>A random part, more often short than long.</summary>
    private (int Start, int Length) Span(byte[] input)
    {
        var start = random.Next(input.Length + 1);
        var left = input.Length - start;
        return (start, left == 0 ? 0 : 1 + random.Next(random.Next(4) == 0 ? left : Math.Min(left, 16)));
    }

    /// <summary>All bytes of a kind around or after a random place.</summary>
    private (int Start, int Length) Run(byte[] input, Func<byte, bool> belongs)
    {
        var start = random.Next(input.Length + 1);
        while (start < input.Length && !belongs(input[start]))
        {
            start++;
        }

        var end = start;
        while (start > 0 && start < input.Length && belongs(input[start - 1]))
        {
            start--;
        }

        while (end < input.Length && belongs(input[end]))
        {
            end++;
        }

        return (start, end - start);
    }

    /// <summary>From a bracket at or after a random place to the one that closes it.</summary>
    private (int Start, int Length)? Brackets(byte[] input)
    {
        var from = random.Next(input.Length + 1);
        var start = input.AsSpan(from).IndexOfAny("([{"u8) is >= 0 and var after ? from + after : input.AsSpan().IndexOfAny("([{"u8);
        var depth = 0;
        for (var i = Math.Max(start, 0); start >= 0 && i < input.Length; i++)
        {
            depth += input[i] is (byte)'(' or (byte)'[' or (byte)'{' ? 1 : input[i] is (byte)')' or (byte)']' or (byte)'}' ? -1 : 0;
            if (depth == 0)
            {
                return (start, i + 1 - start);
            }
        }

        return null;
    }

    private static bool IsWordByte(byte b) => char.IsAsciiLetterOrDigit((char)b) || b is (byte)'_' or (byte)'.' or (byte)'-' or (byte)'/' or (byte)':' || b >= 0x80;

    private static byte[] Times(ReadOnlySpan<byte> part, int times)
    {
        var all = new byte[part.Length * times];
        for (var i = 0; i < times; i++)
        {
            part.CopyTo(all.AsSpan(i * part.Length));
        }

        return all;
    }

    private static byte[] Splice(byte[] input, (int Start, int Length) cut, byte[] insert) =>
        [.. input.AsSpan(0, cut.Start), .. insert, .. input.AsSpan(cut.Start + cut.Length)];
}
