namespace Osc.Controller.Tests;

/// <summary>Finds files of the repository from where the tests were built.</summary>
public static class Repository
{
    public static readonly string Root = Find(AppContext.BaseDirectory);

    private static string Find(string directory) => File.Exists(Path.Combine(directory, "Osc.sln"))
        ? directory
        : Find(Path.GetDirectoryName(directory) ?? throw new InvalidOperationException("the tests do not run from within the repository"));
}
