using System.Reflection;

namespace Osc.Architecture.Tests;

/// <summary>The repository that these tests were built from.</summary>
internal static class Repository
{
    private static readonly string[] Generated = ["bin", "obj", "out", "build", ".git", "TestResults", "BenchmarkDotNet.Artifacts"];

    public static string Root { get; } = FindRoot();

    /// <summary>Every file that is not made by a build, as a path from the root with '/' between folders.</summary>
    public static IReadOnlyList<string> Files { get; } = [.. Walk(Root).Select(p => Path.GetRelativePath(Root, p)).Order(StringComparer.Ordinal)];

    public static IEnumerable<string> Sources => Files.Where(f => f.EndsWith(".cs", StringComparison.Ordinal));

    /// <summary>The projects below src/, by name.</summary>
    public static IEnumerable<string> Projects => Files
        .Where(f => f.StartsWith("src/", StringComparison.Ordinal) && f.EndsWith(".csproj", StringComparison.Ordinal))
        .Select(f => Path.GetFileNameWithoutExtension(f));

    public static string Read(string file) => File.ReadAllText(Path.Combine(Root, file));

    /// <summary>A project's compiled assembly; programs are called otherwise than their project.</summary>
    public static Assembly Load(string project) => Assembly.LoadFrom(PathOfAssembly(project));

    public static string PathOfAssembly(string project)
    {
        var program = project.Replace("Osc.Cli", "osc", StringComparison.Ordinal).Replace('.', '-').ToLowerInvariant();
        string[] names = [project, program];
        return names.Select(n => Path.Combine(AppContext.BaseDirectory, $"{n}.dll")).First(File.Exists);
    }

    private static IEnumerable<string> Walk(string folder) =>
        Directory.EnumerateFiles(folder).Concat(
            Directory.EnumerateDirectories(folder).Where(d => !Generated.Contains(Path.GetFileName(d))).SelectMany(Walk));

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
