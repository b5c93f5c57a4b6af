using Osc.Controller.Loop;
using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy.Explain;
using Osc.Store;

namespace Osc.Controller.History;

/// <summary>Finds the change that made a rule what it is.</summary>
public sealed class RuleHistory(PolicyStore store)
{
    /// <summary>Changes of a policy that are looked at.</summary>
    private const int MostChanges = 200;

    /// <param name="key">The rule.</param>
    /// <param name="at">A revision at which it was there.</param>
    /// <returns>null if the store does not know the rule at that revision.</returns>
    /// <exception cref="StoreException">The store cannot be read.</exception>
    public RuleOrigin? Find(RuleKey key, Revision at)
    {
        var policy = new DocumentKey(key.Policy.Tenant, Kind.Policy, key.Policy.Name);
        var history = store.ReadHistory(policy, at, MostChanges);
        Rule? rule = null;
        Revision? since = null;
        var isOlder = history.Count == MostChanges;
        foreach (var stored in history)
        {
            var then = ((PolicyDocument)StoredDocuments.Parse(stored)).Rules.FirstOrDefault(r => r.Name == key.Rule);
            if (then is null || (rule is not null && !then.Equals(rule)))
            {
                isOlder = false;
                break;
            }

            rule = then;
            since = stored.Revision;
        }

        if (since is not { } revision || store.FindRevision(revision) is not { } info)
        {
            return null;
        }

        var record = store.QueryAudit(new() { Revision = revision, Tenant = policy.Tenant.Value, Kind = policy.Kind.ToString(), Name = policy.Name.Value, Limit = 1 }).Items;
        return new(revision.Number, info.Time, info.Actor, info.Reason, record.Count > 0 ? record[0].Sequence : null, isOlder);
    }
}
