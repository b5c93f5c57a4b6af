using Osc.Controller.Loop;
using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy;
using Osc.Policy.Explain;

namespace Osc.Controller.History;

/// <summary>Explanations with what only a controller knows: the change that brought a rule, the flows that carry it now.</summary>
public sealed class ExplainAnswers(PolicyLoop policy, CompiledHosts hosts, RuleHistory history)
{
    /// <param name="explainer">Of the state that is asked: the current one, or a past one.</param>
    /// <param name="all">Also lists the rules of policies that are not applied to the workloads.</param>
    public ExplainAnswer Explain(Explainer explainer, Connection connection, bool all)
    {
        var explanation = explainer.Explain(connection, all);
        var answer = ExplainAnswer.Of(explainer.State, explanation) with { Revision = explainer.State.Revision.Number };
        return answer with
        {
            Out = Complete(answer.Out, explanation.Out, Direction.Out),
            In = Complete(answer.In, explanation.In, Direction.In),
        };

        ExplainSide? Complete(ExplainSide? side, ExplainedSide? explained, Direction direction) => side is null || explained is null ? side : side with
        {
            Origin = explained.Decision.Rule is { } rule ? history.Find(rule, explainer.State.Revision) : null,
            Flows = explainer.State == policy.Current.State ? FlowsOf(explainer.State, connection, explained, direction) : null,
        };
    }

    /// <summary>Only of the state in force: what numbers past flows had is not kept.</summary>
    private IReadOnlyList<CarryingFlow> FlowsOf(State state, Connection connection, ExplainedSide side, Direction direction) =>
        side.Interface.Interface.Attachment is { } at && hosts.Of(state, at.Host) is { } host
            ? CarryingFlows.Of(state, host, connection, side, direction)
            : [];
}
