namespace Osc.Policy.Tests;

/// <summary>Finds the repository's files from wherever the tests run.</summary>
internal static class Repository
{
    public static readonly string Root = FindRoot();

    /// <summary>Whether expected files are to be written anew instead of compared (OSC_UPDATE_GOLDEN=1).</summary>
    public static readonly bool UpdatesGolden = Environment.GetEnvironmentVariable("OSC_UPDATE_GOLDEN") == "1";

    public static string PathOf(params string[] parts) => Path.Combine([Root, .. parts]);

    private static string FindRoot()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "Osc.sln")))
        {
            directory = directory.Parent;
        }

        return directory?.FullName ?? throw new InvalidOperationException("the tests do not run inside the repository");
    }
}
