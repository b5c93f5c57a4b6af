using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy.Explain;
using Osc.Policy.Reach;
using Osc.Policy.Verify.Meaning;

namespace Osc.Policy.Planning;

/// <summary>Works out what a change of documents means, and says it in as few words as it can.</summary>
public sealed class EffectPlanner
{
    /// <summary>With more rules than this only changed policies are searched for idle rules.</summary>
    private const int MostLintedRules = 1_000;

    /// <summary>Policies that name something changed, whose groups are used as names.</summary>
    private const int MostNaming = 50;

    private readonly PolicyMeaning before;
    private readonly PolicyMeaning after;
    private readonly DocumentChanges changes;
    private readonly AddressNames names;
    private readonly AddressNames namesBefore;

    private EffectPlanner(PolicyMeaning before, PolicyMeaning after, DocumentChanges changes)
    {
        this.before = before;
        this.after = after;
        this.changes = changes;
        names = new(after, [.. GroupsIn(after.State)]);
        namesBefore = new(before, [.. GroupsIn(before.State)]);
    }

    /// <param name="changes">What leads from the documents before to those after.</param>
    public static PlanEffects Plan(PolicyMeaning before, PolicyMeaning after, DocumentChanges changes) => new EffectPlanner(before, after, changes).Plan();

    private PlanEffects Plan()
    {
        var connections = ConnectionChanges.Between(before, after, changes).ToLookup(c => c.Effect);
        var changed = changes.Where(c => c.Key.Kind == Kind.Policy && c.After is not null).Select(c => c.Key.QualifiedName).ToArray();
        var lintsAll = after.State.Documents.OfType<PolicyDocument>().Sum(p => p.Rules.Count) <= MostLintedRules;
        var lints = lintsAll ? RuleLints.Of(after) : changed.SelectMany(p => RuleLints.Of(after, p));
        return new(
            [.. Summarize(connections[ConnectionEffect.Allowed])],
            [.. Summarize(connections[ConnectionEffect.Dropped])],
            [.. Summarize(connections[ConnectionEffect.AnsweredOtherwise])],
            [.. AssertionProof.Broken(after).Select(b => new PlannedBreach(b.Assertion.QualifiedName.ToString(), b.Story))],
            [.. lints.Select(l => new IdleRule(l.Rule.ToString(), EnumWords<RuleFault>.Of(l.Fault), [.. l.By.Select(r => r.ToString())]))],
            lintsAll ? "all policies" : "changed policies");
    }

    /// <summary>Connections that fare alike for the same reasons, in few words.</summary>
    private IEnumerable<PlannedConnections> Summarize(IEnumerable<ConnectionChange> connections) =>
        from space in connections.GroupBy(c => (c.Vrf, c.Workloads))
        let words = new ConnectionWords(space.Key.Workloads == WorkloadEffect.Go ? namesBefore : names, space.Key.Vrf)
        from named in words.Of(space.Select(c => ((c.OpenConnections, c.Before, c.After), c.Sources, c.Destinations, c.Services)))
        let about = named.About
        select new PlannedConnections(
            space.Key.Vrf.ToString(),
            named.Sources,
            named.Destinations,
            named.Services.ToString(),
            [.. about.Before.Select(TextOf)],
            [.. about.After.Select(TextOf)],
            about.OpenConnections?.ToString().ToLowerInvariant(),
            space.Key.Workloads == WorkloadEffect.None ? null : space.Key.Workloads.ToString().ToLowerInvariant());

    private static string TextOf(RuleKey? rule) => rule?.ToString() ?? ExplainAnswer.DefaultRule;

    /// <summary>The groups that the change is about: those that it changes, and those that policies name which it changes or which name what it changes.</summary>
    private IEnumerable<QualifiedName> GroupsIn(State state)
    {
        var documents = changes.SelectMany(c => new[] { c.Before, c.After }).OfType<Document>().ToArray();
        var naming = changes.SelectMany(c => state.ReferrersOf(c.Key)).Where(r => r.Kind == Kind.Policy).Take(MostNaming).Select(state.Documents.Find);
        var named = documents.Concat(naming).OfType<PolicyDocument>()
            .SelectMany(p => p.AppliedTo.Concat(p.Rules.SelectMany(r => r.From.Concat(r.To))))
            .OfType<GroupPeer>()
            .Select(g => g.Group);
        return documents.OfType<SecurityGroupDocument>().Select(g => g.QualifiedName).Concat(named).Distinct()
            .Where(g => state.Documents.Contains(new(g.Tenant, Kind.SecurityGroup, g.Name)));
    }
}
