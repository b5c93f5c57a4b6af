using System.Globalization;

namespace Osc.Cli.Server;

/// <summary>Times as tables show them: UTC, to the second, so that they can be compared with logs.</summary>
internal static class Times
{
    public static string Show(DateTimeOffset? time) => time?.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture) ?? "never";
}
