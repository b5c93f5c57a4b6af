using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy.Compile;

namespace Osc.Policy.Incremental;

/// <summary>The chains that the rules of a bridge inspect by.</summary>
internal sealed class BridgeChains
{
    private readonly Dictionary<(Direction Side, QualifiedName Chain), int> rules = [];

    public InspectedChains Inspected { get; private set; } = InspectedChains.None;

    /// <summary>Counts a rule in, or out.</summary>
    public void Count(RuleNode rule, int by)
    {
        if (rule.Chain is not { } chain)
        {
            return;
        }

        var key = (rule.Sided.Side.Direction, chain);
        var count = rules.GetValueOrDefault(key) + by;
        if (count > 0)
        {
            rules[key] = count;
        }
        else
        {
            rules.Remove(key);
        }

        if (count == 0 || count == by)
        {
            Inspected = InspectedChains.Of(rules.Keys);
        }
    }
}
