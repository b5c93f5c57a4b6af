using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy.Documents;
using Osc.Policy.Verify.Meaning;

namespace Osc.Policy.Validation;

/// <summary>Proves a state's assertions for all packets at once. A commit after which one does not hold is refused.</summary>
public static class AssertionCheck
{
    /// <param name="state">A sound state.</param>
    /// <param name="sources">Where documents were read from, so that errors have places.</param>
    /// <returns>An error for each assertion that does not hold, with a connection that shows it, in the order of files and lines.</returns>
    public static ValueList<DocumentError> Check(State state, DocumentSources? sources = null) => Check(new PolicyMeaning(state), sources);

    /// <summary>The same of a state whose meaning is known.</summary>
    public static ValueList<DocumentError> Check(PolicyMeaning meaning, DocumentSources? sources = null) =>
        meaning.State.Assertions.Any() ? Broken(meaning, sources ?? DocumentSources.None) : [];

    /// <summary>Whether changes can change the verdict of any connection, or what is asserted.</summary>
    public static bool Concerns(DocumentChanges changes) => changes.Any(c => c.Key.Kind is not (Kind.Cloud or Kind.Host or Kind.InspectionChain));

    private static ValueList<DocumentError> Broken(PolicyMeaning meaning, DocumentSources sources)
    {
        var state = meaning.State;
        var findings = new Findings(state.Documents, state.Indexes.Names, sources);
        foreach (var assertion in state.Assertions.Where(a => !AssertionProof.IsProvable(meaning, a)))
        {
            findings.Add(assertion, "spec", "too wide to be proven among so many groups and rules", "narrower from or to; several assertions in place of one");
        }

        foreach (var broken in AssertionProof.Broken(meaning))
        {
            var (path, allowed) = broken.Assertion.Mode == AssertionMode.Never
                ? ("spec.never", "policies that let no such connection pass")
                : ("spec.always", "policies that let every such connection pass");
            findings.Add(broken.Assertion, path, $"does not hold: {broken.Story}", allowed);
        }

        return findings.Errors();
    }
}
