using System.Diagnostics.CodeAnalysis;

namespace Osc.Xen.Xenstore;

/// <summary>What was asked for, or why it was not given.</summary>
public readonly record struct Reply<T>
    where T : class
{
    private Reply(T? value, XenstoreFailure? failure)
    {
        Value = value;
        Failure = failure;
    }

    public T? Value { get; }

    public XenstoreFailure? Failure { get; }

    [MemberNotNullWhen(true, nameof(Value))]
    [MemberNotNullWhen(false, nameof(Failure))]
    public bool IsGiven => Failure is null;

    public static implicit operator Reply<T>(T value) => new(value, null);

    public static implicit operator Reply<T>(XenstoreFailure failure) => new(null, failure);

    /// <summary>The same reply in another form, or the same failure.</summary>
    public Reply<TOther> Then<TOther>(Func<T, Reply<TOther>> next)
        where TOther : class => IsGiven ? next(Value) : Failure;
}
