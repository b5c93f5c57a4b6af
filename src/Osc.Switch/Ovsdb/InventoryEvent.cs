namespace Osc.Switch.Ovsdb;

/// <summary>What following a switch's database yields.</summary>
public abstract record InventoryEvent;

/// <summary>The whole inventory, after a change. Changes that come while the reader is busy are drawn together.</summary>
public sealed record InventoryKnown(SwitchInventory Inventory) : InventoryEvent;

/// <summary>The database cannot be followed any longer; the last event.</summary>
/// <param name="Reason">Why, for people: the socket and what went wrong with it.</param>
public sealed record InventoryLost(string Reason) : InventoryEvent;
