namespace Osc.Fuzz.Targets;

/// <summary>The repository that this was built from: its policies are seeds, and its corpus is what was found before.</summary>
public static class Repository
{
    public static string Root { get; } = FindRoot();

    /// <summary>A folder for each target, with an input a file.</summary>
    public static string Corpus => Path.Combine(Root, "tests", "Osc.Fuzz", "corpus");

    internal static IEnumerable<string> Policies(string pattern) =>
        Directory.EnumerateFiles(Path.Combine(Root, "policies"), pattern, SearchOption.AllDirectories).Order(StringComparer.Ordinal);

    public static IEnumerable<byte[]> CorpusOf(string target)
    {
        var folder = Path.Combine(Corpus, target);
        return Directory.Exists(folder) ? Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal).Select(File.ReadAllBytes) : [];
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Osc.sln")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException($"no Osc.sln above {AppContext.BaseDirectory}");
        }

        return folder.FullName;
    }
}
