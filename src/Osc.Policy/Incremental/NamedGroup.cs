using Osc.Model.Documents;

namespace Osc.Policy.Incremental;

/// <summary>The rules of a bridge that name a group, and what they do.</summary>
internal sealed class NamedGroup
{
    private readonly List<RuleNode> rules = new(1);
    private int allowing;
    private int denying;

    /// <summary>In no order.</summary>
    public IReadOnlyList<RuleNode> Rules => rules;

    public bool IsUnused => rules.Count == 0;

    /// <summary>Whether being in the group can only open something.</summary>
    public bool OnlyAllows => allowing == rules.Count;

    /// <summary>Whether being in the group can only close something.</summary>
    public bool OnlyDenies => denying == rules.Count;

    public void Count(RuleNode rule, int by)
    {
        if (by > 0)
        {
            rules.Add(rule);
        }
        else
        {
            rules.Remove(rule);
        }

        allowing += rule.Observes || rule.Action == RuleAction.Allow ? by : 0;
        denying += rule.Observes || Permission.IsDenial(rule.Action) ? by : 0;
    }
}
