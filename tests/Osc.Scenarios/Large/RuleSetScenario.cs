using Osc.Model;
using Osc.Model.Documents;
using static Osc.Scenarios.Large.Make;

namespace Osc.Scenarios.Large;

/// <summary>How large a <see cref="RuleSetScenario"/> is.</summary>
/// <param name="Policies">Documents that the rules are dealt out to, in order.</param>
/// <param name="Hosts">Hosts that the workloads are dealt out to.</param>
public sealed record RuleSetSize(int Rules, int Policies, int Groups, int Workloads, int Hosts)
{
    /// <summary>10,000 rules in one policy on one host.</summary>
    public static readonly RuleSetSize OneHost = new(10_000, 1, 200, 400, 1);

    /// <summary>10,000 rules in 100 policies on 100 hosts.</summary>
    public static readonly RuleSetSize ManyHosts = new(10_000, 100, 200, 2_000, 100);

    /// <summary>For tests.</summary>
    public static readonly RuleSetSize Small = new(100, 2, 20, 40, 2);
}

/// <summary>
/// A large ordered rule set of one tenant: each rule from one group to another on a port, one in ten a drop, so that order
/// matters. A workload is in one group, and a group's workloads are on several hosts where there are several.
/// </summary>
public sealed class RuleSetScenario
{
    private const string Label = "group";

    private static readonly Name Tenant = Name.Parse("shop");
    private static readonly QualifiedName Network = new(Tenant, Name.Parse("net"));

    private readonly RuleSetSize size;
    private readonly Random random;

    private RuleSetScenario(RuleSetSize size, int seed)
    {
        this.size = size;
        random = new(seed);
        var site = new Site();
        site.AddNetwork(Network, 1, null, AllTen);
        for (var host = 0; host < size.Hosts; host++)
        {
            site.AddHost(HostOf(host).Value);
        }

        for (var group = 0; group < size.Groups; group++)
        {
            site.Add(Group(GroupOf(group), Label, GroupOf(group).Name.Value));
        }

        for (var i = 0; i < size.Workloads; i++)
        {
            var labels = Labelled(Label, GroupOf(i % size.Groups).Name.Value);
            site.AddWorkload(new(Named("w", i), Tenant, labels), Network, HostOf(i / size.Groups % size.Hosts), Ten((uint)i + 1));
        }

        for (var policy = 0; policy < size.Policies; policy++)
        {
            var rules = Enumerable.Range(policy * RulesOfPolicy, RulesOfPolicy).Select(MakeRule).ToValueList();
            site.Add(new PolicyDocument(new(PolicyOf(policy).Name, Tenant), PolicyDocument.DefaultTier, policy, [], rules));
        }

        Documents = site.Documents;
    }

    public DocumentSet Documents { get; }

    public int RulesOfPolicy => size.Rules / size.Policies;

    public static RuleSetScenario Of(RuleSetSize size, int seed = 1) => new(size, seed);

    public static Name HostOf(int host) => Named("h", host);

    public static QualifiedName PolicyOf(int policy) => new(Tenant, Named("p", policy));

    public static QualifiedName GroupOf(int group) => new(Tenant, Named("g", group));

    /// <summary>A new rule at a place in a policy.</summary>
    /// <param name="number">Names the rule: none of that number may be there.</param>
    public DocumentChanges Add(DocumentSet now, int policy, int place, int number) => Change(now, policy, rules => rules.Insert(place, MakeRule(number)));

    public static DocumentChanges Remove(DocumentSet now, int policy, int place) => Change(now, policy, rules => rules.RemoveAt(place));

    /// <summary>The rule at one place of a policy is put to another.</summary>
    public static DocumentChanges Move(DocumentSet now, int policy, int from, int to) => Change(now, policy, rules =>
    {
        var rule = rules[from];
        rules.RemoveAt(from);
        rules.Insert(to, rule);
    });

    private static DocumentChanges Change(DocumentSet now, int policy, Action<List<Rule>> change)
    {
        var document = now.Find<PolicyDocument>(Kind.Policy, PolicyOf(policy)) ?? throw new ArgumentException($"there is no policy {policy}");
        var rules = document.Rules.ToList();
        change(rules);
        return DocumentChanges.Of(now, [document with { Rules = rules.ToValueList() }], []);
    }

    private Rule MakeRule(int number) => new(
        Named("r", number),
        Peers(GroupOf(random.Next(size.Groups))),
        Peers(GroupOf(number % size.Groups)),
        [Tcp(1_024 + random.Next(20_000))],
        random.OneIn(10) ? RuleAction.Drop : RuleAction.Allow);
}
