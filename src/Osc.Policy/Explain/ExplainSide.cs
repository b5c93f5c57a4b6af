using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Serialization;
using Osc.Model;
using Osc.Model.Documents;

namespace Osc.Policy.Explain;

/// <summary>What one side decided; in the answer to a single question also how.</summary>
/// <param name="Workload">"tenant/workload".</param>
/// <param name="Action">allow, drop or reject.</param>
/// <param name="Rule">"tenant/policy/rule", or "default" where none decided.</param>
/// <param name="Chain">The inspection chain, where one applies.</param>
public sealed record ExplainSide(
    string Workload,
    string Action,
    string Rule,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Chain = null)
{
    /// <summary>"tenant/workload/interface".</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Interface { get; init; }

    /// <summary>The host that the interface is attached to; absent where it is attached nowhere, and the side enforced nowhere.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Host { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Bridge { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Port { get; init; }

    /// <summary>The tiers that were gone through, down to the one that decided.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<ExplainTier>? Tiers { get; init; }

    /// <summary>The change that brought the deciding rule; absent where the default decided or there is no history.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public RuleOrigin? Origin { get; init; }

    /// <summary>The host's flows that carry the decision.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<CarryingFlow>? Flows { get; init; }

    public static ExplainSide Of(SideDecision side) =>
        new(side.Workload.ToString(), ExplainAnswer.WordOf(side.Verdict), side.Rule?.ToString() ?? ExplainAnswer.DefaultRule, side.Chain?.ToString());

    public static ExplainSide Of(State state, ExplainedSide side)
    {
        var attachment = side.Interface.Interface.Attachment;
        return Of(side.Decision) with
        {
            Interface = side.Interface.ToString(),
            Host = attachment?.Host.Value,
            Bridge = attachment is null ? null : (attachment.Bridge ?? state.Host(attachment.Host)?.Bridges[0].Name)?.Value,
            Port = attachment?.Port.Value,
            Tiers = [.. side.Tiers.Select(t => ExplainTier.Of(t, side.Interface.Tenant))],
        };
    }
}

/// <summary>A tier that a side went through.</summary>
/// <param name="Tier">emergency, infrastructure, environment, application or baseline.</param>
/// <param name="End">decided, passed (on with the next tier) or nothingCounts (likewise).</param>
/// <param name="Rules">What was looked at, in order.</param>
/// <param name="PoliciesNotApplied">Policies that are not applied to the workload, up to the deciding rule.</param>
/// <param name="RulesNotApplied">The rules of those.</param>
/// <param name="RulesNotListed">Rules looked at beyond those that are listed.</param>
public sealed record ExplainTier(string Tier, string End, IReadOnlyList<ExplainRule> Rules, int PoliciesNotApplied, int RulesNotApplied, int RulesNotListed)
{
    internal static ExplainTier Of(ExplainedTier tier, Name home) => new(
        ExplainRule.WordOf(tier.Tier),
        ExplainRule.WordOf(tier.End),
        [.. tier.Rules.Select(r => ExplainRule.Of(r, home))],
        tier.PoliciesNotApplied,
        tier.RulesNotApplied,
        tier.RulesNotListed);
}

/// <summary>A rule that was looked at.</summary>
/// <param name="Rule">"tenant/policy/rule".</param>
/// <param name="Action">allow, drop, reject, pass or inspect.</param>
/// <param name="Outcome">counts, observes, or the first reason why it does not count: disabled, direction, appliedTo, from, to or services.</param>
/// <param name="Matched">What matched, where all of it does.</param>
public sealed record ExplainRule(string Rule, string Action, string Outcome, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] ExplainMatch? Matched = null)
{
    internal static ExplainRule Of(ExplainedRule rule, Name home) =>
        new(rule.Key.ToString(), WordOf(rule.Rule.Action), WordOf(rule.Outcome), rule.Matched is { } matched ? ExplainMatch.Of(matched, home) : null);

    internal static string WordOf<T>(T value)
        where T : struct, Enum => EnumWords<T>.Of(value);
}

/// <summary>The values of an enumeration as JSON has them; made once, since an answer may have thousands.</summary>
internal static class EnumWords<T>
    where T : struct, Enum
{
    private static readonly FrozenDictionary<T, string> Words = Enum.GetValues<T>().ToFrozenDictionary(v => v, v => JsonNamingPolicy.CamelCase.ConvertName(v.ToString()));

    public static string Of(T value) => Words[value];
}

/// <summary>The first entry of each list that matched; "any" where the list is empty.</summary>
public sealed record ExplainMatch(string AppliedTo, string From, string To, string Services)
{
    private const string Any = "any";

    internal static ExplainMatch Of(RuleMatch match, Name home) => new(
        TextOf(match.AppliedTo, home),
        TextOf(match.From, home),
        TextOf(match.To, home),
        match.Service switch
        {
            NamedService named => named.Service.ToString(home),
            InlineService inline => inline.Port.ToString(),
            _ => Any,
        });

    private static string TextOf(Peer? peer, Name home) => peer switch
    {
        GroupPeer group => group.Group.ToString(home),
        CidrPeer cidr => cidr.Cidr.ToString(),
        _ => Any,
    };
}

/// <summary>The groups that name the addresses of a connection.</summary>
public sealed record ExplainGroups(IReadOnlyList<ExplainGroup> Source, IReadOnlyList<ExplainGroup> Destination);

/// <summary>A group that names an address.</summary>
/// <param name="Group">"tenant/group".</param>
/// <param name="Member">Whether the address is a member; if not, an exception takes it away.</param>
/// <param name="By">The clause that has the address, and where that is another group, the clause of that group: "members[1]: group shop/web", "members[0] of shop/web: selector app = web".</param>
/// <param name="Except">The exception, likewise.</param>
public sealed record ExplainGroup(string Group, bool Member, IReadOnlyList<string> By, IReadOnlyList<string> Except)
{
    internal static ExplainGroup Of(GroupMembership membership) => new(
        membership.Group.ToString(), membership.IsMember, [.. membership.By.Select(s => s.ToString(membership.Group))], [.. membership.Except.Select(s => s.ToString(membership.Group))]);
}

/// <summary>The change that made a rule what it is.</summary>
/// <param name="Revision">The revision in which the rule last changed.</param>
/// <param name="Audit">The sequence number of the change's audit record.</param>
/// <param name="IsOlder">Whether the rule is older still: only so many changes of its policy are looked at.</param>
public sealed record RuleOrigin(long Revision, DateTimeOffset Time, string Actor, string Reason, long? Audit, bool IsOlder);

/// <summary>A flow that carries the decision of a side.</summary>
/// <param name="For">source, destination (address to class), rule or default.</param>
/// <param name="Table">The table's number; <paramref name="TableName"/> its name.</param>
/// <param name="Cookie">As ovs-ofctl prints it: 0x5c0010300000007.</param>
public sealed record CarryingFlow(string For, byte Table, string TableName, int Priority, string Match, string Cookie);
