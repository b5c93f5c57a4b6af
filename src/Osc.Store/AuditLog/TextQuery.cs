using System.Text;

namespace Osc.Store.AuditLog;

/// <summary>
/// Words that a person looks for, as an FTS5 query. Words are separated by white space, and all must occur; <c>"two words"</c> in
/// quotes stand together; a word that ends in <c>*</c> is a beginning. A word is compared by its letters and digits, without
/// regard to case: <c>10.9.0.1</c> is 10, 9, 0 and 1 in a row. Nothing else has a meaning, so no text is a wrong one.
/// </summary>
internal static class TextQuery
{
    /// <param name="text">What a person wrote; null for nothing.</param>
    /// <param name="phrases">Texts that have to occur as they are, up to what is neither letter nor digit; null for nothing.</param>
    /// <returns>The FTS5 query; null if the text has no letter and no digit, so that nothing is looked for.</returns>
    public static string? ToFts(string? text, params ReadOnlySpan<string?> phrases)
    {
        var query = new StringBuilder();
        var quoted = phrases.ToArray().OfType<string>().Select(p => (Words: p.Replace('"', ' ').Replace('\0', ' '), IsBeginning: false));
        foreach (var (words, isBeginning) in Split(text ?? "").Concat(quoted).Where(w => w.Words.Any(char.IsLetterOrDigit)))
        {
            // In quotes FTS5 has no syntax but the quote itself, and there is none inside.
            query.Append(query.Length > 0 ? " " : "").Append('"').Append(words).Append('"').Append(isBeginning ? "*" : "");
        }

        return query.Length > 0 ? query.ToString() : null;
    }

    private static IEnumerable<(string Words, bool IsBeginning)> Split(string text)
    {
        // A NUL would end the query early.
        var parts = text.Replace('\0', ' ').Split('"');
        for (var i = 0; i < parts.Length; i++)
        {
            if (i % 2 == 1)
            {
                yield return (parts[i], false);
                continue;
            }

            foreach (var word in parts[i].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
            {
                yield return (word, word.EndsWith('*'));
            }
        }
    }
}
