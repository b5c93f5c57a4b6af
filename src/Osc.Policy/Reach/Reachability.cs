using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy.Documents;
using Osc.Policy.Verify.Meaning;
using Osc.Policy.Verify.Sets;

namespace Osc.Policy.Reach;

/// <summary>An answer, or everything that is wrong with the question. Exactly one of the two is there.</summary>
public sealed record ReachResult(ReachAnswer? Answer, ValueList<DocumentError> Errors);

/// <summary>Says which services may be used from the members of one group to those of another: for all pairs, exactly.</summary>
public sealed class Reachability
{
    private readonly PolicyMeaning meaning;
    private readonly List<DocumentError> errors = [];

    private Reachability(PolicyMeaning meaning) => this.meaning = meaning;

    public static ReachResult Ask(PolicyMeaning meaning, ReachQuestion question)
    {
        var reach = new Reachability(meaning);
        var vrf = reach.Vrf(question.Vrf);
        var from = reach.End("from", question.From, vrf);
        var to = reach.End("to", question.To, vrf);
        return reach.errors.Count > 0 || from is null || to is null ? new(null, reach.errors.ToValueList()) : new(reach.Answer(from, to, vrf), []);
    }

    private ReachAnswer Answer(ReachEnd from, ReachEnd to, QualifiedName? vrf)
    {
        var names = new AddressNames(meaning, [.. from.Groups, .. to.Groups, .. from.Groups.Concat(to.Groups).SelectMany(Inner)]);
        var vrfs = new List<ReachVrf>();
        foreach (var space in vrf is { } only ? [only] : meaning.State.Vrfs)
        {
            var (sources, destinations) = (from.In(meaning, space), to.In(meaning, space));
            if (!sources.IsEmpty && !destinations.IsEmpty)
            {
                vrfs.Add(Of(space, sources, destinations, names));
            }
        }

        return new() { From = from.Text, To = to.Text, Vrfs = vrfs };
    }

    /// <summary>The groups that a group names, to name parts of it by.</summary>
    private IEnumerable<QualifiedName> Inner(QualifiedName group) => meaning.State.Group(group).Members.OfType<GroupClause>().Select(c => c.Group);

    private ReachVrf Of(QualifiedName vrf, AddressSet sources, AddressSet destinations, AddressNames names)
    {
        var blocks = meaning.Blocks(vrf, sources, destinations).Select(b => new OpenBlock(b)).ToArray();
        var common = blocks.GroupBy(b => b.Family).ToDictionary(g => g.Key, g => g.Aggregate(ServiceSet.All, (all, b) => all.Intersect(b.Open)));
        var words = common.Select(c => ServiceWords.Of(c.Value, c.Key)).ToArray();
        if (words.DistinctBy(w => w.WithoutIcmp).Count() > 1)
        {
            // The families differ in what every pair may: then that is said of the pairs of each.
            words = [];
            common = common.ToDictionary(c => c.Key, _ => ServiceSet.Empty);
        }

        var rules = blocks.SelectMany(b => b.RulesFor(common[b.Family])).Distinct().Order(StringComparer.Ordinal);
        var more = blocks
            .Select(b => (Block: b, Services: b.Open.Subtract(common[b.Family])))
            .Where(b => !b.Services.IsEmpty)
            .Select(b => (b.Block.RulesFor(b.Services).Order(StringComparer.Ordinal).ToValueList(), b.Block.Sources, b.Block.Destinations, b.Services));
        var some = new ConnectionWords(names, vrf).Of(more).Select(c => new ReachPairs(c.Sources, c.Destinations, c.Services.ToString(), c.About));
        return new(vrf.ToString(), words.Length == 0 ? "" : words.Aggregate((a, b) => a.And(b)).ToString(), [.. rules], [.. some]);
    }

    private QualifiedName? Vrf(string? text)
    {
        if (text is null)
        {
            return null;
        }

        if (!text.Contains('/') || !QualifiedName.TryParse(text, default, out var vrf) || !meaning.State.NetworksOf(vrf).Any())
        {
            Fail("vrf", $"no network is in a vrf '{text}'", string.Join(", ", meaning.State.Vrfs.Take(AddressNames.MostNames)));
            return null;
        }

        return vrf;
    }

    private ReachEnd? End(string path, string? text, QualifiedName? vrf)
    {
        const string Allowed = "tenant/group, or a range";
        if (Prefix.TryParse(text, out var range))
        {
            if (vrf is null)
            {
                Fail("vrf", $"missing: the range '{text}' does not say it", "tenant/vrf");
            }

            return new(range.IsSingleAddress ? range.Network.ToString() : range.ToString(), null, range);
        }

        if (text is null || !text.Contains('/') || !QualifiedName.TryParse(text, default, out var name))
        {
            Fail(path, text is null ? "missing" : $"'{text}' is neither a group nor a range", Allowed);
            return null;
        }

        if (!meaning.State.Documents.Contains(new(name.Tenant, Kind.SecurityGroup, name.Name)))
        {
            Fail(path, $"there is no group '{name}'", Allowed);
            return null;
        }

        return new(name.ToString(), name, default);
    }

    private void Fail(string path, string message, string allowed) => errors.Add(new(null, "", path, message, allowed));

    /// <summary>A group, or a range.</summary>
    private sealed record ReachEnd(string Text, QualifiedName? Group, Prefix Range)
    {
        public IEnumerable<QualifiedName> Groups => Group is { } group ? [group] : [];

        public AddressSet In(PolicyMeaning meaning, QualifiedName vrf) => Group is { } group ? meaning.AddressesOf(group, vrf) : AddressSet.Of(Range);
    }

    /// <summary>A block, and the services that may pass in it.</summary>
    private sealed class OpenBlock(PairBlock block)
    {
        private readonly IReadOnlyList<VerdictPart> passing = [.. block.Rules.Parts.Where(p => p.Verdict == Verdict.Allow && p.SettledBy == SettledBy.Policy)];

        public IpFamily Family => block.Family;

        public AddressSet Sources => block.Sources;

        public AddressSet Destinations => block.Destinations;

        public ServiceSet Open => field ??= ServiceSet.UnionOf(passing.Select(p => p.Services)).Intersect(ServiceWords.DecidedIn(block.Family));

        /// <summary>The rules of both sides that let some of these services pass.</summary>
        public IEnumerable<string> RulesFor(ServiceSet services) => passing
            .Where(p => p.Services.Intersect(Open).Overlaps(services))
            .SelectMany(p => new[] { p.Out, p.In })
            .OfType<SideMeaning>()
            .Select(s => s.Rule?.ToString() ?? Explain.ExplainAnswer.DefaultRule)
            .Distinct();
    }
}
