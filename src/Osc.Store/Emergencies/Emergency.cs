using Osc.Model;

namespace Osc.Store.Emergencies;

/// <summary>A policy that went in at once, for a while.</summary>
/// <param name="Policy">"tenant/name".</param>
/// <param name="Revision">The one that it went in with.</param>
/// <param name="Closed">When the policy went; null: it is in force.</param>
public sealed record Emergency(long Id, QualifiedName Policy, string OpenedBy, DateTimeOffset Opened, DateTimeOffset Expires, string Reason, Revision Revision, DateTimeOffset? Closed);

/// <summary>Policies that go in with a commit for a while.</summary>
public sealed record OpenedEmergencies(IReadOnlyList<QualifiedName> Policies, DateTimeOffset Expires);
