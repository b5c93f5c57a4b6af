using FluentValidation;
using FluentValidation.Results;

namespace Osc.Policy.Validation;

/// <summary>How validators say what is wrong and what is allowed.</summary>
internal static class RuleText
{
    /// <summary>What the rule just built says when it is broken.</summary>
    public static IRuleBuilderOptions<T, TProperty> Says<T, TProperty>(this IRuleBuilderOptions<T, TProperty> rule, Func<TProperty, string> message, string allowed) =>
        rule.WithMessage((_, value) => message(value)).WithState(_ => allowed);

    /// <summary>Reports every element of a list whose key an earlier one has.</summary>
    /// <param name="field">The element's field that holds the key, with its dot: ".name"; empty for the element itself.</param>
    public static void RefuseRepeated<T, TItem, TKey>(this ValidationContext<T> context, IEnumerable<TItem> items, Func<TItem, TKey> key, string field = "")
    {
        var seen = new HashSet<TKey>();
        var index = 0;
        foreach (var item in items)
        {
            if (!seen.Add(key(item)))
            {
                context.Refuse($"[{index}]{field}", $"'{key(item)}' is there already", "each one once");
            }

            index++;
        }
    }

    /// <summary>Reports a broken rule at a place below the property that is being looked at.</summary>
    public static void Refuse<T>(this ValidationContext<T> context, string below, string message, string allowed) =>
        context.AddFailure(new ValidationFailure(context.PropertyPath + below, message) { CustomState = allowed });
}
