namespace Osc.Switch.Reconcile;

/// <summary>
/// Others' flows in tables where ours are, at a higher priority than the lowest of ours: what they match is decided by them and not by
/// policy. The last three tell of the one with the highest priority.
/// </summary>
public sealed record FlowsAhead(int Count, byte Table, ushort Priority, ulong Cookie);
