using Osc.Model;

namespace Osc.Controller.Identities;

/// <summary>A name, or several: "*" stands for any characters, also none. "shop", "shop-*", "*".</summary>
public readonly record struct NamePattern
{
    public const string Allowed = "a name, in which * stands for any characters";

    public const int MaxLength = 63;

    private readonly string? text;

    private NamePattern(string text) => this.text = text;

    public static bool TryParse(string? text, out NamePattern pattern)
    {
        pattern = default;
        if (text is null || text.Length is 0 or > MaxLength || !text.All(c => c is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '-' or '*'))
        {
            return false;
        }

        pattern = new(text);
        return true;
    }

    public bool Matches(Name name) => Matches(name.Value);

    /// <summary>Whether every name that the other stands for is one of this. A star of the other is only met by a star of this, so "yes" is always right.</summary>
    public bool Covers(NamePattern other) => Matches(other.ToString());

    public override string ToString() => text ?? "";

    private bool Matches(string name)
    {
        var pattern = text ?? "";
        var (p, n, star, mark) = (0, 0, -1, 0);
        while (n < name.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                (star, mark) = (p++, n);
            }
            else if (p < pattern.Length && pattern[p] == name[n])
            {
                p++;
                n++;
            }
            else if (star >= 0)
            {
                (p, n) = (star + 1, ++mark);
            }
            else
            {
                return false;
            }
        }

        return pattern.AsSpan(p).TrimStart('*').IsEmpty;
    }
}
