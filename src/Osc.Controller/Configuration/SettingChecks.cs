namespace Osc.Controller.Configuration;

/// <summary>Checks that settings have in common. What is wrong is collected, a line each, with the setting's path.</summary>
internal sealed class SettingChecks
{
    private readonly List<string> errors = [];

    public IReadOnlyList<string> Errors => errors;

    public void Add(string error) => errors.Add(error);

    public T Fail<T>(T instead, string error)
    {
        errors.Add(error);
        return instead;
    }

    public T? Fail<T>(string error)
        where T : class
    {
        errors.Add(error);
        return null;
    }

    public int Within(string path, int number, int most) => number > 0 && number <= most ? number : Fail(1, $"{path}: {number} is not possible; allowed: 1 to {most}");

    public T OneOf<T>(string path, string? text, T otherwise)
        where T : struct, Enum
    {
        if (text is null)
        {
            return otherwise;
        }

        // Enum.TryParse would also take numbers.
        return text.All(char.IsAsciiLetter) && Enum.TryParse<T>(text, ignoreCase: true, out var value)
            ? value
            : Fail(otherwise, $"{path}: '{text}' is not known; allowed: {AllowedNames<T>()}");
    }

    /// <summary>A secret is the file's text without white space around it.</summary>
    public string? ReadSecret(string path, string file)
    {
        try
        {
            var secret = File.ReadAllText(file).Trim();
            return secret.Length > 0 ? secret : Fail<string>($"{path}: {file} is empty");
        }
        catch (Exception e) when (IsUnreadable(e))
        {
            return Fail<string>($"{path}: {e.Message}");
        }
    }

    public string ReadableFile(string path, string? file)
    {
        if (file is null || !File.Exists(file))
        {
            errors.Add(file is null ? $"{path}: missing" : $"{path}: there is no file {file}");
        }

        return file ?? "";
    }

    public string UsablePath(string path, string text)
    {
        if (text.Length == 0 || text.Contains('\0', StringComparison.Ordinal))
        {
            errors.Add($"{path}: the text is no path");
        }

        return text;
    }

    /// <summary>Whether the file system says that a file cannot be read, or that its path is none.</summary>
    public static bool IsUnreadable(Exception error) => error is IOException or UnauthorizedAccessException or ArgumentException;

    private static string AllowedNames<T>()
        where T : struct, Enum => string.Join(", ", Enum.GetNames<T>().Select(n => n.ToLowerInvariant()));
}
