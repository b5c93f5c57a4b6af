namespace Osc.Model.Documents;

/// <summary>What becomes of one document.</summary>
/// <param name="Before">null: it is created.</param>
/// <param name="After">null: it is deleted.</param>
public sealed record DocumentChange(DocumentKey Key, Document? Before, Document? After)
{
    /// <summary>The change that takes this one back.</summary>
    public DocumentChange Reverse() => new(Key, After, Before);
}
