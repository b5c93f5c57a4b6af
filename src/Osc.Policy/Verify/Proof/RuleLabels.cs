using Osc.Flows.Pipeline;
using Osc.Model;
using Osc.Model.Documents;

namespace Osc.Policy.Verify.Proof;

/// <summary>What labels and marks shall say of the rules that let a connection in.</summary>
/// <param name="documents">Where the rules are written.</param>
/// <param name="numbers">By "tenant/policy/rule"; null: labels are not looked at.</param>
/// <param name="chains">By "tenant/name".</param>
internal sealed class RuleLabels(DocumentSet documents, IReadOnlyDictionary<string, uint>? numbers, IReadOnlyDictionary<string, uint>? chains)
{
    public bool AreKnown => numbers is not null;

    /// <summary>Whether what a rule let in stays, whatever becomes of the rule; the default action keeps nothing.</summary>
    public bool Keeps(RuleKey? rule) => Find(rule) is { OnRevoke: OnRevoke.Keep };

    /// <summary>The number of a rule as labels carry it, with its chain's; 0 for the default action, and where numbers are not known.</summary>
    public uint Of(RuleKey? rule) =>
        rule is { } named && numbers?.TryGetValue(named.ToString(), out var number) == true ? number | (Keeps(rule) ? Registers.KeepingRule : 0) | ChainOf(rule) : 0;

    private uint ChainOf(RuleKey? rule) =>
        Find(rule) is { Action: RuleAction.Inspect, Chain: { } chain } && chains?.TryGetValue(chain.ToString(), out var number) == true ? number << 24 : 0;

    private Rule? Find(RuleKey? rule) => rule is { } named ? documents.Find<PolicyDocument>(Kind.Policy, named.Policy)?.Rules.FirstOrDefault(r => r.Name == named.Rule) : null;
}
