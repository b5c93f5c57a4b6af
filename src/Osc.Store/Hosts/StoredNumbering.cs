using Osc.Model;

namespace Osc.Store.Hosts;

/// <summary>The numbers that a host's flows carry, as they are stored. What they mean is the writer's.</summary>
/// <param name="Whole">As they were once.</param>
/// <param name="Changes">What became of them since, oldest first.</param>
public sealed record StoredNumbering(Name Host, string Whole, IReadOnlyList<StoredNumberingChange> Changes);

/// <param name="Revision">The one that it came with.</param>
public sealed record StoredNumberingChange(Revision Revision, string Json);

/// <summary>Numbers of a host that a commit writes.</summary>
/// <param name="IsWhole">All of them, in place of what is stored; otherwise what became of those that are stored.</param>
public sealed record NumberingWrite(Name Host, string Json, bool IsWhole);
