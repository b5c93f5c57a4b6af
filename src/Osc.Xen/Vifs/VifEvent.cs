namespace Osc.Xen.Vifs;

/// <summary>What following the vifs yields.</summary>
public abstract record VifEvent
{
    /// <summary>All of them, after a change. Changes that come while the reader is busy are drawn together.</summary>
    public sealed record Known(VifInventory Inventory) : VifEvent;

    /// <summary>Changes cannot be seen at present; a <see cref="Known"/> follows when they can be again.</summary>
    /// <param name="Reason">Why, for people.</param>
    public sealed record Lost(string Reason) : VifEvent;
}
