using System.Text.Json.Serialization;
using Osc.Policy.Reach;

namespace Osc.Policy.Planning;

/// <summary>What a change of documents means, exactly: for connections, for assertions, for rules.</summary>
/// <param name="Allowed">Connections that pass after it and did not before.</param>
/// <param name="Dropped">Connections that passed before it and do not after.</param>
/// <param name="AnsweredOtherwise">Connections that are rejected instead of dropped, or the other way round.</param>
/// <param name="BrokenAssertions">Assertions that do not hold after it.</param>
/// <param name="IdleRules">Rules that do nothing after it, of the policies that <paramref name="IdleRulesOf"/> says.</param>
/// <param name="IdleRulesOf">"all policies", or "changed policies" where there are too many to look at them all.</param>
public sealed record PlanEffects(
    IReadOnlyList<PlannedConnections> Allowed,
    IReadOnlyList<PlannedConnections> Dropped,
    IReadOnlyList<PlannedConnections> AnsweredOtherwise,
    IReadOnlyList<PlannedBreach> BrokenAssertions,
    IReadOnlyList<IdleRule> IdleRules,
    string IdleRulesOf);

/// <summary>All connections from some addresses to others, to some services, that fare alike.</summary>
/// <param name="Sources">Of one family with the destinations: there are no connections between families.</param>
/// <param name="Services">"tcp/80, tcp/443", "any", "any but tcp/22".</param>
/// <param name="Before">What decided before, "tenant/policy/rule" or "default", out side first; nothing where the addresses were not there yet, or nobody's.</param>
/// <param name="After">What decides after, likewise.</param>
/// <param name="OpenConnections">Of dropped ones: cut or keep, by onRevoke of the rules that no longer allow them.</param>
/// <param name="Workloads">appear or go, where the change brings or takes the workload of one end; else absent.</param>
public sealed record PlannedConnections(
    string Vrf,
    NamedAddresses Sources,
    NamedAddresses Destinations,
    string Services,
    IReadOnlyList<string> Before,
    IReadOnlyList<string> After,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? OpenConnections = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Workloads = null);

/// <summary>An assertion that does not hold.</summary>
/// <param name="Assertion">"tenant/name".</param>
/// <param name="Counterexample">A connection that shows it, and why it passes or not.</param>
public sealed record PlannedBreach(string Assertion, string Counterexample);

/// <summary>A rule that does nothing.</summary>
/// <param name="Rule">"tenant/policy/rule".</param>
/// <param name="Fault">neverMatches, shadowed or redundant.</param>
/// <param name="By">Of a shadowed rule: some that come before it.</param>
public sealed record IdleRule(string Rule, string Fault, IReadOnlyList<string> By);
