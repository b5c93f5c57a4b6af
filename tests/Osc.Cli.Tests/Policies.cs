namespace Osc.Cli.Tests;

/// <summary>The policy sets of the repository.</summary>
internal static class Policies
{
    public static string Shop => Of("three-tier-shop");

    public static string Telco => Of("telco");

    public static IEnumerable<string> All => Directory.EnumerateDirectories(Path.GetDirectoryName(Shop) ?? "").Order(StringComparer.Ordinal);

    private static string Of(string name)
    {
        for (var at = AppContext.BaseDirectory; at is not null; at = Path.GetDirectoryName(at))
        {
            var found = Path.Combine(at, "policies", name);
            if (Directory.Exists(found))
            {
                return found;
            }
        }

        throw new InvalidOperationException($"no policies/{name} above {AppContext.BaseDirectory}");
    }
}
