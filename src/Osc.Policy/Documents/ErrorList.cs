namespace Osc.Policy.Documents;

/// <summary>The errors of one file while it is read.</summary>
internal sealed class ErrorList(int limit)
{
    private readonly List<DocumentError> errors = [];

    public bool IsFull => errors.Count >= limit;

    public IReadOnlyList<DocumentError> Items => errors;

    /// <summary>Adds an error; beyond the limit it is left out, and the last error kept says so.</summary>
    public void Add(DocumentError error)
    {
        if (errors.Count < limit)
        {
            errors.Add(error);
        }
        else if (errors.Count == limit)
        {
            errors.Add(new(error.Position, "", "", $"more than {limit} errors: the rest of the file was not read", ""));
        }
    }

    /// <summary>An error of the text itself, outside any document.</summary>
    public void Add(SourcePosition position, string message, string allowed = "") => Add(new(position, "", "", message, allowed));
}
