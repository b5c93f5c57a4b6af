namespace Osc.Controller.Identities;

/// <summary>What an actor may be called: nothing that could be taken for somebody else in the audit log.</summary>
public static class ActorNames
{
    public const int MaxLength = 200;

    public static readonly string Allowed = $"1 to {MaxLength} characters, none of them a control character or /, and not osc, unknown or development";

    public static bool IsUsable(string? name) =>
        !string.IsNullOrWhiteSpace(name) && name.Length <= MaxLength && name.Trim() == name && !name.Any(c => char.IsControl(c) || c == '/') && name is not ("osc" or "unknown" or "development");
}
