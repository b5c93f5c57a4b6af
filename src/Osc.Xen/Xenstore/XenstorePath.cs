using System.Buffers;

namespace Osc.Xen.Xenstore;

/// <summary>
/// A path in the store that its server takes (docs/misc/xenstore.txt): from "/", or relative to the domain that asks, or a special
/// watch such as @introduceDomain.
/// </summary>
public readonly record struct XenstorePath
{
    /// <summary>What a path may look like, for error texts.</summary>
    public const string Allowed = "letters, digits and - _ @ between single slashes, at most 3072 characters, or 2048 if it does not begin with a slash";

    private static readonly SearchValues<char> Characters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-/_@");

    private readonly string? value;

    private XenstorePath(string value) => this.value = value;

    public string Value => value ?? throw new InvalidOperationException("a default XenstorePath has no value");

    public bool IsAbsolute => Value[0] == '/';

    public static bool TryParse(string? text, out XenstorePath path)
    {
        path = default;
        if (string.IsNullOrEmpty(text)
            || text.Length > (text[0] == '/' ? XenstoreLimits.AbsolutePath : XenstoreLimits.RelativePath)
            || text.AsSpan().ContainsAnyExcept(Characters)
            || text.Contains("//", StringComparison.Ordinal)
            || (text.Length > 1 && text[^1] == '/'))
        {
            return false;
        }

        path = new(text);
        return true;
    }

    /// <exception cref="FormatException">The text is no path.</exception>
    public static XenstorePath Parse(string text) => TryParse(text, out var path) ? path : throw new FormatException($"'{text}' is not a xenstore path: {Allowed}");

    /// <summary>A path below this one.</summary>
    /// <param name="name">One or more names, without a slash before or after them.</param>
    /// <exception cref="FormatException">The names cannot stand in a path.</exception>
    public XenstorePath Child(string name) => Parse(Value == "/" ? $"/{name}" : $"{Value}/{name}");

    /// <summary>The names below this path that lead to another: none for the path itself; null for one that is not below.</summary>
    public string[]? NamesTo(string path)
    {
        if (path == Value)
        {
            return [];
        }

        var prefix = Value == "/" ? Value : Value + "/";
        return path.StartsWith(prefix, StringComparison.Ordinal) ? path[prefix.Length..].Split('/') : null;
    }

    public override string ToString() => value ?? "";
}
