using Osc.Model;
using Osc.Model.Documents;

namespace Osc.Policy.Indexes;

/// <summary>What two versions of a list have in common at both ends. Of long lists a change mostly concerns little in between.</summary>
/// <param name="Head">How many elements are the same at the beginning.</param>
/// <param name="Tail">How many of the others are the same at the end.</param>
internal readonly record struct CommonEnds(int Head, int Tail)
{
    public static CommonEnds Of<T>(ValueList<T> before, ValueList<T> after)
    {
        var left = before.AsSpan();
        var right = after.AsSpan();
        var head = left.CommonPrefixLength(right);
        var tail = 0;
        while (head + tail < left.Length && head + tail < right.Length && EqualityComparer<T>.Default.Equals(left[^(tail + 1)], right[^(tail + 1)]))
        {
            tail++;
        }

        return new(head, tail);
    }

    /// <summary>Parts of two versions of a document: what the one names and the other does not is in them.</summary>
    public static (Document? Before, Document? After) Narrow(Document? before, Document? after)
    {
        switch (before, after)
        {
            case (PolicyDocument left, PolicyDocument right):
                var rules = Of(left.Rules, right.Rules);
                return (left with { Rules = rules.Between(left.Rules) }, right with { Rules = rules.Between(right.Rules) });
            case (SecurityGroupDocument left, SecurityGroupDocument right):
                var (members, except) = (Of(left.Members, right.Members), Of(left.Except, right.Except));
                return (
                    left with { Members = members.Between(left.Members), Except = except.Between(left.Except) },
                    right with { Members = members.Between(right.Members), Except = except.Between(right.Except) });
            default:
                return (before, after);
        }
    }

    /// <summary>What lies between the ends of one of the versions.</summary>
    public ValueList<T> Between<T>(ValueList<T> list) => ValueList.Create(list.AsSpan()[Head..^Tail]);
}
