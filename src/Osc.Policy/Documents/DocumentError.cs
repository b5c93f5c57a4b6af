using System.Globalization;

namespace Osc.Policy.Documents;

/// <summary>A place in a file: line and column count from 1; line 0 is the file as a whole.</summary>
public readonly record struct SourcePosition(string File, int Line, int Column)
{
    public override string ToString() => Line == 0 ? File : string.Create(CultureInfo.InvariantCulture, $"{File}:{Line}:{Column}");
}

/// <summary>What is wrong with a document, where, and what is allowed there.</summary>
/// <param name="Position">null where the document came from no text.</param>
/// <param name="Document">"tenant/Kind/name" as far as it could be read; empty if not at all.</param>
/// <param name="Path">The field: "spec.rules[2].from[0]".</param>
/// <param name="Message">What is wrong.</param>
/// <param name="Allowed">What is allowed there; empty where the message already says it.</param>
public sealed record DocumentError(SourcePosition? Position, string Document, string Path, string Message, string Allowed)
{
    /// <summary>"shop.yaml:12:9: shop/Policy/web spec.tier: 'urgent' is no tier; allowed: emergency, ...".</summary>
    public override string ToString()
    {
        var position = Position is { } at ? at + ": " : "";
        var subject = string.Join(" ", new[] { Document, Path }.Where(s => s.Length > 0));
        var allowed = Allowed.Length > 0 ? "; allowed: " + Allowed : "";
        return $"{position}{(subject.Length > 0 ? subject + ": " : "")}{Message}{allowed}";
    }
}
