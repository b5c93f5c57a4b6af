using System.Collections.Frozen;

namespace Osc.Policy.Documents;

/// <summary>The words of an enumeration as documents spell them: the member's name with a small first letter.</summary>
internal static class Words<T>
    where T : struct, Enum
{
    private static readonly FrozenDictionary<string, T> ByWord = Enum.GetValues<T>().ToFrozenDictionary(Of, StringComparer.Ordinal);

    public static IReadOnlyList<string> All { get; } = Enum.GetValues<T>().Select(Of).ToArray();

    public static string Of(T value)
    {
        var name = value.ToString();
        return char.ToLowerInvariant(name[0]) + name[1..];
    }

    public static bool TryParse(string word, out T value) => ByWord.TryGetValue(word, out value);
}
