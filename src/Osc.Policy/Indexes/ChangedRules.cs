using Osc.Model;
using Osc.Model.Documents;

namespace Osc.Policy.Indexes;

/// <summary>What lies between the rules that stayed at the beginning of a policy and those that stayed at its end.</summary>
/// <param name="Head">How many stayed at the beginning.</param>
/// <param name="Tail">How many stayed at the end.</param>
internal readonly record struct ChangedRules(int Head, int Tail)
{
    public static ChangedRules Between(ValueList<Rule> before, ValueList<Rule> after)
    {
        var left = before.AsSpan();
        var right = after.AsSpan();
        var head = left.CommonPrefixLength(right);
        var tail = 0;
        while (head + tail < left.Length && head + tail < right.Length && left[^(tail + 1)] == right[^(tail + 1)])
        {
            tail++;
        }

        return new(head, tail);
    }

    /// <summary>The part of a document that names what the other may not name: of two versions of a policy the rules that differ, else all.</summary>
    public static (Document? Before, Document? After) Narrow(Document? before, Document? after)
    {
        if (before is not PolicyDocument left || after is not PolicyDocument right)
        {
            return (before, after);
        }

        var changed = Between(left.Rules, right.Rules);
        return (left with { Rules = changed.In(left.Rules) }, right with { Rules = changed.In(right.Rules) });
    }

    /// <summary>Those of one version.</summary>
    public ValueList<Rule> In(ValueList<Rule> rules) => ValueList.Create(rules.AsSpan()[Head..^Tail]);
}
