using Osc.Model;

namespace Osc.Policy.Validation;

/// <summary>What a DNS name in a document may look like.</summary>
public static class DnsNames
{
    /// <summary>How many addresses a name may have: more than any service answers with at once.</summary>
    public const int MaxAddresses = 1_000;

    internal const string Allowed = "two or more labels with dots between, at most 253 characters in all; '*' only as the first label";

    private const int MaxLength = 253;

    private const string Wildcard = "*.";

    /// <summary>Whether a name stands for all names under another: DNS has no answer for it.</summary>
    public static bool IsWildcard(string fqdn) => fqdn.StartsWith(Wildcard, StringComparison.Ordinal);

    internal static bool AreSound(string fqdn)
    {
        var name = IsWildcard(fqdn) ? fqdn[Wildcard.Length..] : fqdn;
        var labels = name.Split('.');
        return fqdn.Length <= MaxLength && labels.Length > 1 && labels.All(l => Name.TryParse(l, out _)) && !labels[^1].All(char.IsAsciiDigit);
    }
}
