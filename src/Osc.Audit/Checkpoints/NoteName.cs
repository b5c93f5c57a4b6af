namespace Osc.Audit.Checkpoints;

/// <summary>Names of keys and logs in signed notes.</summary>
internal static class NoteName
{
    private const int MaxLength = 200;

    public static bool IsGood(string name) => name.Length is > 0 and <= MaxLength && !name.Any(c => char.IsWhiteSpace(c) || char.IsControl(c) || c == '+');
}
