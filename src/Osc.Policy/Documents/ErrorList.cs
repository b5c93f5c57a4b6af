namespace Osc.Policy.Documents;

/// <summary>The errors of one file while it is read.</summary>
internal sealed class ErrorList(int limit)
{
    private readonly List<DocumentError> errors = [];

    /// <summary>Whether the limit is reached; what is added from then on is left out.</summary>
    public bool IsFull => errors.Count > limit;

    public IReadOnlyList<DocumentError> Items => errors;

    /// <summary>Adds an error. After the last one that the limit lets in, another says that there may be more.</summary>
    public void Add(DocumentError error)
    {
        if (IsFull)
        {
            return;
        }

        errors.Add(error);
        if (errors.Count == limit)
        {
            errors.Add(new(error.Position, "", "", $"{limit} errors: the rest of the file was not read", ""));
        }
    }

    /// <summary>An error of the text itself, outside any document.</summary>
    public void Add(SourcePosition position, string message, string allowed = "") => Add(new(position, "", "", message, allowed));
}
