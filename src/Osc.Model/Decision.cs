namespace Osc.Model;

/// <summary>What becomes of a connection.</summary>
public enum Verdict
{
    Allow,
    Drop,
    Reject,
}

/// <summary>Names a rule: "tenant/policy/rule".</summary>
public readonly record struct RuleKey(QualifiedName Policy, Name Rule) : IComparable<RuleKey>
{
    public int CompareTo(RuleKey other)
    {
        var byPolicy = Policy.CompareTo(other.Policy);
        return byPolicy != 0 ? byPolicy : Rule.CompareTo(other.Rule);
    }

    public override string ToString() => $"{Policy}/{Rule}";
}

/// <summary>What one side of a connection decided.</summary>
/// <param name="Workload">The workload that owns the address of this side.</param>
/// <param name="Rule">The rule that decided; null where none did and the tenant's default action stands.</param>
/// <param name="Chain">The inspection chain that the connection goes through, if the rule inspects.</param>
public sealed record SideDecision(QualifiedName Workload, Verdict Verdict, RuleKey? Rule, QualifiedName? Chain = null);

/// <summary>The verdict of a connection and what each of its existing sides decided (section "Verdict of a connection" of the policy language).</summary>
public sealed record Decision(Verdict Verdict, SideDecision? Out, SideDecision? In);
