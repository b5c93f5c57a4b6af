namespace Osc.Policy.Documents;

/// <summary>Bounds on what is read, so that no input can exhaust the reader.</summary>
/// <param name="MaxBytes">Of one file or request body, in UTF-8.</param>
/// <param name="MaxDepth">Of lists and mappings within each other.</param>
/// <param name="MaxDocuments">In one file or request body.</param>
/// <param name="MaxErrors">Errors of one file after which its reading stops.</param>
public sealed record ReadLimits(int MaxBytes, int MaxDepth, int MaxDocuments, int MaxErrors)
{
    public static readonly ReadLimits Default = new(MaxBytes: 16 * 1024 * 1024, MaxDepth: 32, MaxDocuments: 100_000, MaxErrors: 1_000);
}
