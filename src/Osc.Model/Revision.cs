using System.Globalization;

namespace Osc.Model;

/// <summary>A number that grows by one with every committed change of intent or inventory. 0 is the empty store.</summary>
public readonly record struct Revision(long Number) : IComparable<Revision>
{
    public static readonly Revision None;

    public Revision Next => new(Number + 1);

    public int CompareTo(Revision other) => Number.CompareTo(other.Number);

    public override string ToString() => Number.ToString(CultureInfo.InvariantCulture);
}
