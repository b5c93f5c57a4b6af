namespace Osc.Fuzz.Engine;

/// <summary>A reader took, or said, what it should not have.</summary>
public sealed class OracleException(string message) : Exception(message);

/// <summary>What has to hold of what was read.</summary>
internal static class Oracle
{
    public static void Holds(bool condition, string rule)
    {
        if (!condition)
        {
            throw new OracleException(rule);
        }
    }

    public static void Same<T>(T expected, T actual, string rule) =>
        Holds(EqualityComparer<T>.Default.Equals(expected, actual), rule);
}
