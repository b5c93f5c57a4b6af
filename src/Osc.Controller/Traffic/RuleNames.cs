using Osc.Policy.Compile;
using Osc.Store.Traffic;

namespace Osc.Controller.Traffic;

/// <summary>
/// Which rule a number meant on one host at a revision. A number that a rule gives up may be given to another later, and what agents report may
/// be of flows from before.
/// </summary>
public sealed class RuleNames(string host)
{
    /// <summary>Of a number that changes hands often, the newest rules are told.</summary>
    private const int MostBindings = 16;

    private readonly Dictionary<uint, List<(long Revision, string Rule)>> bindings = [];
    private readonly List<RuleName> unsaved = [];

    public bool IsEmpty => bindings.Count == 0;

    /// <summary>Takes over a binding that was learned before, in the order of revisions.</summary>
    public void Recall(RuleName name) => Bind((uint)name.Number, name.Revision, name.Rule);

    /// <summary>Rules have these numbers from a revision on; what a number that is given up meant is kept, since what is left of it may still come.</summary>
    public void Learn(long revision, IEnumerable<KeyValuePair<string, uint>> rules)
    {
        foreach (var (rule, number) in rules.Where(r => r.Value != HostNumberingChange.GivenUp))
        {
            if (!(bindings.TryGetValue(number, out var known) && known[^1].Rule == rule))
            {
                Bind(number, revision, rule);
                unsaved.Add(new(host, number, revision, rule));
            }
        }
    }

    /// <returns>null: no rule had the number, as far as is known.</returns>
    public string? Find(uint number, long revision)
    {
        if (!bindings.TryGetValue(number, out var known))
        {
            return null;
        }

        var i = known.FindLastIndex(b => b.Revision <= revision);
        return known[Math.Max(i, 0)].Rule;
    }

    /// <summary>What was learned since this was last asked.</summary>
    public IReadOnlyList<RuleName> TakeUnsaved()
    {
        var names = unsaved.ToArray();
        unsaved.Clear();
        return names;
    }

    private void Bind(uint number, long revision, string rule)
    {
        if (!bindings.TryGetValue(number, out var known))
        {
            bindings.Add(number, known = []);
        }

        if (known.Count == MostBindings)
        {
            known.RemoveAt(0);
        }

        known.Add((revision, rule));
    }
}
