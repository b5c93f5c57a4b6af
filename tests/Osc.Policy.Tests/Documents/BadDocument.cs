namespace Osc.Policy.Tests.Documents;

/// <summary>A case of bad-documents.txt: what is read, and the errors that come of it.</summary>
public sealed record BadDocument(string Name, string Text, IReadOnlyList<string> Errors)
{
    public string File => Name.Contains("JSON", StringComparison.Ordinal) ? "bad.json" : "bad.yaml";

    /// <summary>Reads a file of cases: "=== name", the text, ">>>", an error a line, an empty line.</summary>
    public static IReadOnlyList<BadDocument> ReadAll(string path)
    {
        var cases = new List<BadDocument>();
        foreach (var section in System.IO.File.ReadAllText(path).Split("\n=== ").Skip(1))
        {
            var nameEnd = section.IndexOf('\n');
            var textEnd = section.IndexOf("\n>>>\n", StringComparison.Ordinal);
            var errors = section[(textEnd + 5)..].Split('\n', StringSplitOptions.RemoveEmptyEntries);
            cases.Add(new(section[..nameEnd], section[(nameEnd + 1)..(textEnd + 1)], errors));
        }

        return cases;
    }
}
