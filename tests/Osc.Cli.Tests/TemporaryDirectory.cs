namespace Osc.Cli.Tests;

/// <summary>A directory that is gone after the test.</summary>
internal sealed class TemporaryDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("osc-cli-").FullName;

    public string Write(string name, string text)
    {
        var path = System.IO.Path.Combine(Path, name);
        File.WriteAllText(path, text);
        return path;
    }

    /// <summary>A copy of a policy set, in which one text stands for another.</summary>
    public static TemporaryDirectory CopyOf(string policySet, string oldText, string newText)
    {
        var copy = new TemporaryDirectory();
        foreach (var file in Directory.EnumerateFiles(policySet, "*.yaml"))
        {
            copy.Write(System.IO.Path.GetFileName(file), File.ReadAllText(file).Replace(oldText, newText, StringComparison.Ordinal));
        }

        return copy;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
