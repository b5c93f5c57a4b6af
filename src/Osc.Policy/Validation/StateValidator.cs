using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy.Documents;
using Osc.Policy.Indexes;

namespace Osc.Policy.Validation;

/// <summary>A validated state, or why there is none.</summary>
public sealed record StateResult(State? State, ValueList<DocumentError> Errors);

/// <summary>
/// Checks what a single document cannot know: that references hold, names are free, addresses are owned once.
/// What a document can know is <see cref="DocumentReader"/>'s to check, so only documents that it read, or ones as good, belong here.
/// </summary>
public static class StateValidator
{
    /// <param name="revision">The revision that the state shall bear.</param>
    /// <param name="documents">All documents, new and old.</param>
    /// <param name="sources">Where documents were read from, so that errors have places.</param>
    /// <returns>A state, or errors in the order of files and lines.</returns>
    public static StateResult Validate(Revision revision, DocumentSet documents, DocumentSources? sources = null)
    {
        // Neither needs the other, and both take their time on a large set.
        var (errors, indexes) = (ValueList<DocumentError>.Empty, default(StateIndexes));
        Parallel.Invoke(() => errors = Check(documents, sources ?? DocumentSources.None), () => indexes = StateIndexes.Of(documents));
        return errors.Count == 0 ? new(new State(revision, indexes!), []) : new(null, errors); // it was invoked
    }

    /// <summary>Validates the set after changes to a valid one, by looking only at what they can have made wrong. The errors are those that validating it whole finds.</summary>
    /// <param name="before">What the changes start from.</param>
    /// <param name="revision">The revision that the state shall bear.</param>
    /// <param name="changes">What leads from the documents of <paramref name="before"/> to those of the state.</param>
    /// <param name="sources">Where changed documents were read from, so that errors have places.</param>
    /// <returns>A state that shares with <paramref name="before"/> what did not change, or errors in the order of files and lines.</returns>
    public static StateResult Validate(State before, Revision revision, DocumentChanges changes, DocumentSources? sources = null)
    {
        var after = before.Indexes.With(changes);
        var errors = ChangeCheck.Check(before.Indexes, after, changes, sources ?? DocumentSources.None);
        return errors.Count == 0 ? new(new State(revision, after), []) : new(null, errors);
    }

    /// <summary>
    /// Validates what was read as a set of its own. The errors are those of the reading and of the whole set together;
    /// a reference to a document that is there but could not be read is not counted as one to nowhere.
    /// </summary>
    public static StateResult Validate(Revision revision, ReadResult read)
    {
        var documents = DocumentSet.Of(read.Documents);
        var errors = ReadResult.Sorted(read.Errors.Concat(Check(documents, read.Sources)));
        return errors.Count == 0 ? new(new State(revision, StateIndexes.Of(documents)), []) : new(null, errors);
    }

    private static ValueList<DocumentError> Check(DocumentSet documents, DocumentSources sources)
    {
        var findings = new Findings(documents, GlobalNames.Of(documents), sources);
        TenantCheck.Check(findings);
        ReferenceCheck.Check(findings);
        GroupNestingCheck.Check(findings);
        AddressCheck.Check(findings);
        PlacementCheck.Check(findings);
        return findings.Errors();
    }
}
