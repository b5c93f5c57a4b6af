namespace Osc.Model;

/// <summary>How a <see cref="Requirement"/> tests a label.</summary>
public enum SelectorOperator
{
    Equals,
    NotEquals,
    In,
    NotIn,
    Exists,
    NotExists,
}

/// <summary>One requirement of a selector. As in Kubernetes, NotEquals and NotIn also hold where the label is absent.</summary>
public sealed record Requirement(string Key, SelectorOperator Operator, ValueList<string> Values)
{
    public bool Matches(Labels labels) => Matches(labels.TryGetValue(Key, out var value) ? value : null);

    /// <param name="value">The label's value; null where the label is absent.</param>
    public bool Matches(string? value) => Operator switch
    {
        SelectorOperator.Equals or SelectorOperator.In => value is not null && Values.Contains(value),
        SelectorOperator.NotEquals or SelectorOperator.NotIn => value is null || !Values.Contains(value),
        SelectorOperator.Exists => value is not null,
        SelectorOperator.NotExists => value is null,
        _ => throw new InvalidOperationException($"no such operator: {Operator}"),
    };

    public override string ToString() => Operator switch
    {
        SelectorOperator.Equals => $"{Key} = {Values[0]}",
        SelectorOperator.NotEquals => $"{Key} != {Values[0]}",
        SelectorOperator.In => $"{Key} in ({string.Join(", ", Values)})",
        SelectorOperator.NotIn => $"{Key} notin ({string.Join(", ", Values)})",
        SelectorOperator.Exists => Key,
        _ => "!" + Key,
    };
}

/// <summary>
/// A Kubernetes label selector in its string form: requirements separated by commas, all of which must hold.
/// <c>key = value</c> (or <c>==</c>), <c>key != value</c>, <c>key in (a, b)</c>, <c>key notin (a, b)</c>, <c>key</c>, <c>!key</c>.
/// </summary>
public sealed record Selector(ValueList<Requirement> Requirements)
{
    /// <summary>What a selector may look like, for error texts.</summary>
    public const string Allowed = "requirements separated by commas: key = value, key != value, key in (a, b), key notin (a, b), key, !key";

    public bool Matches(Labels labels)
    {
        foreach (var requirement in Requirements)
        {
            if (!requirement.Matches(labels))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Reads the string form. On failure <paramref name="error"/> says what is wrong and at which character (from 1).</summary>
    public static bool TryParse(string text, out Selector selector, out string error)
    {
        var parser = new SelectorParser(text);
        var parsed = parser.Parse();
        selector = parsed ?? new Selector(ValueList<Requirement>.Empty);
        error = parser.Error;
        return parsed is not null;
    }

    /// <exception cref="FormatException">The text is no selector.</exception>
    public static Selector Parse(string text) => TryParse(text, out var selector, out var error) ? selector : throw new FormatException(error);

    /// <summary>The canonical string form; parsing it gives an equal selector.</summary>
    public override string ToString() => string.Join(", ", Requirements);
}
