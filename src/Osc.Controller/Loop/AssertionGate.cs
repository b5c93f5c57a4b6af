using Osc.Model;
using Osc.Policy.Documents;
using Osc.Policy.Validation;
using Osc.Policy.Verify.Meaning;

namespace Osc.Controller.Loop;

/// <summary>
/// Proves the assertions of a state before it is accepted. What was laid out for one state is kept for the next, so that a proof
/// costs by the change. For one thread: the single writer's.
/// </summary>
internal sealed class AssertionGate
{
    private PolicyMeaning? before;
    private PolicyMeaning? after;

    /// <returns>An error for each assertion that does not hold after the plan, with a connection that shows it.</returns>
    public ValueList<DocumentError> Check(Plan plan, DocumentSources sources)
    {
        // The plan before this one may have been kept or not.
        before = after?.State == plan.Before.State ? after : before?.State == plan.Before.State ? before : null;
        after = null;
        if (!plan.After.State.Assertions.Any())
        {
            return [];
        }

        after = before?.For(plan.After.State, [.. plan.Changes.Select(c => c.Key)]) ?? new(plan.After.State);
        return AssertionCheck.Concerns(plan.Changes) ? AssertionCheck.Check(after, sources) : [];
    }
}
