using System.Globalization;

namespace Osc.Model;

/// <summary>
/// Reads the selector grammar:
/// <code>
/// selector    = requirement *( "," requirement )
/// requirement = "!" key / key [ ( "=" / "==" / "!=" ) value / ( "in" / "notin" ) "(" value *( "," value ) ")" ]
/// </code>
/// </summary>
internal sealed class SelectorParser(string text)
{
    private int position;

    public string Error { get; private set; } = "";

    public Selector? Parse()
    {
        var requirements = new List<Requirement>();
        do
        {
            if (ParseRequirement() is not { } requirement)
            {
                return null;
            }

            requirements.Add(requirement);
        }
        while (TryTake(','));

        SkipSpace();
        if (position < text.Length)
        {
            Fail("expected ',' or the end");
            return null;
        }

        return new Selector(requirements.ToValueList());
    }

    private Requirement? ParseRequirement()
    {
        if (TryTake('!'))
        {
            return ParseKey() is { } absent ? new(absent, SelectorOperator.NotExists, ValueList<string>.Empty) : null;
        }

        if (ParseKey() is not { } key)
        {
            return null;
        }

        if (TryTake('='))
        {
            TryTakeHere('=');
            return ParseValue() is { } value ? new(key, SelectorOperator.Equals, [value]) : null;
        }

        if (TryTake('!'))
        {
            if (!TryTakeHere('='))
            {
                Fail("expected '=' after '!'");
                return null;
            }

            return ParseValue() is { } value ? new(key, SelectorOperator.NotEquals, [value]) : null;
        }

        var before = position;
        var word = Word();
        switch (word)
        {
            case "":
                return new(key, SelectorOperator.Exists, ValueList<string>.Empty);
            case "in" or "notin":
                return ParseSet() is { } values ? new(key, word == "in" ? SelectorOperator.In : SelectorOperator.NotIn, values) : null;
            default:
                position = before;
                SkipSpace();
                Fail($"'{word}' is no operator");
                return null;
        }
    }

    private ValueList<string>? ParseSet()
    {
        if (!TryTake('('))
        {
            Fail("expected '('");
            return null;
        }

        var values = new SortedSet<string>(StringComparer.Ordinal);
        do
        {
            if (ParseValue() is not { } value)
            {
                return null;
            }

            values.Add(value);
        }
        while (TryTake(','));

        if (!TryTake(')'))
        {
            Fail("expected ')'");
            return null;
        }

        return values.ToValueList();
    }

    private string? ParseKey()
    {
        SkipSpace();
        var start = position;
        var key = Word();
        if (LabelSyntax.IsKey(key))
        {
            return key;
        }

        position = start;
        Fail(key.Length == 0 ? "expected a label key" : $"'{key}' is no label key");
        return null;
    }

    private string? ParseValue()
    {
        SkipSpace();
        var start = position;
        var value = Word();
        if (value.Length > 0 && LabelSyntax.IsValue(value))
        {
            return value;
        }

        position = start;
        Fail(value.Length == 0 ? "expected a label value" : $"'{value}' is no label value");
        return null;
    }

    private string Word()
    {
        SkipSpace();
        var start = position;
        while (position < text.Length && (char.IsAsciiLetterOrDigit(text[position]) || text[position] is '.' or '-' or '_' or '/'))
        {
            position++;
        }

        return text[start..position];
    }

    private bool TryTake(char c)
    {
        SkipSpace();
        return TryTakeHere(c);
    }

    private bool TryTakeHere(char c)
    {
        if (position < text.Length && text[position] == c)
        {
            position++;
            return true;
        }

        return false;
    }

    private void SkipSpace()
    {
        while (position < text.Length && text[position] is ' ' or '\t' or '\n' or '\r')
        {
            position++;
        }
    }

    private void Fail(string what) => Error = string.Create(CultureInfo.InvariantCulture, $"{what} at character {position + 1}");
}

/// <summary>The syntax of label keys and values (Kubernetes: labels, syntax and character set).</summary>
public static class LabelSyntax
{
    public const string AllowedKey = "[prefix/]name: a DNS name of at most 253 characters, and at most 63 of letters, digits, '-', '_' and '.', beginning and ending with a letter or digit";

    public const string AllowedValue = "at most 63 of letters, digits, '-', '_' and '.', beginning and ending with a letter or digit";

    public static bool IsKey(string key)
    {
        var slash = key.IndexOf('/');
        return slash < 0 ? IsNonEmptyWord(key) : IsDnsName(key[..slash]) && IsNonEmptyWord(key[(slash + 1)..]);
    }

    public static bool IsValue(string value) => value.Length == 0 || IsNonEmptyWord(value);

    private static bool IsDnsName(string text) => text.Length is > 0 and <= 253 && text.Split('.').All(part => Name.TryParse(part, out _));

    private static bool IsNonEmptyWord(string word) =>
        word.Length is > 0 and <= 63
        && char.IsAsciiLetterOrDigit(word[0])
        && char.IsAsciiLetterOrDigit(word[^1])
        && word.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');
}
