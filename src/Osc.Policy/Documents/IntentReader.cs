using Osc.Model;
using Osc.Model.Documents;

namespace Osc.Policy.Documents;

/// <summary>Reads the kinds that people write: groups, services, policies, chains and assertions.</summary>
internal static class IntentReader
{
    private static readonly string[] ClauseFields = ["selector", "workload", "network", "group", "cidr", "fqdn"];
    private const string AllowedPorts = "a list of port specifications: " + ServicePort.Allowed;
    private static readonly string AllowedClause = "exactly one of " + string.Join(", ", ClauseFields) + " (a cidr may have a network beside it)";

    public static SecurityGroupDocument ReadGroup(Metadata metadata, DocumentNode spec) => new(
        metadata,
        ReadClauses(spec.Field("members")),
        ReadClauses(spec.Field("except")),
        spec.Field("shared")?.Boolean() ?? false);

    public static ServiceDocument ReadService(Metadata metadata, DocumentNode spec) => new(
        metadata,
        spec.Required("ports", AllowedPorts)?.Items(AllowedPorts).Select(PeerReader.ReadPort).ToValueList() ?? [],
        spec.Field("shared")?.Boolean() ?? false);

    public static PolicyDocument ReadPolicy(Metadata metadata, DocumentNode spec) => new(
        metadata,
        spec.Field("tier")?.Word<Tier>("tier") ?? PolicyDocument.DefaultTier,
        spec.Field("order")?.Integer("0 to 65535") ?? PolicyDocument.DefaultOrder,
        PeerReader.ReadPeers(spec.Field("appliedTo")),
        spec.Field("rules")?.Items("a list of rules").Select(ReadRule).ToValueList() ?? []);

    /// <summary>In place of what could not be read.</summary>
    private static readonly HopPort NoPort = new(default, null, default);

    public static InspectionChainDocument ReadChain(Metadata metadata, DocumentNode spec) => new(
        metadata,
        spec.Required("hops", "a list of hops")?.Items("a list of hops").Select(ReadHop).ToValueList() ?? []);

    public static AssertionDocument ReadAssertion(Metadata metadata, DocumentNode spec)
    {
        var never = spec.Field("never");
        var always = spec.Field("always");
        var hasOnlyUnknown = never is null && always is null && spec.Node is MappingNode { Fields.Count: > 0 };
        if (spec.Node is MappingNode && never is null == always is null && !hasOnlyUnknown)
        {
            spec.Fail(never is null ? "neither 'never' nor 'always'" : "both 'never' and 'always'", "exactly one of never, always");
        }

        if ((never ?? always) is not { } body || !body.IsMapping())
        {
            return new(metadata, AssertionMode.Never, [], [], []);
        }

        return new(
            metadata,
            never is null ? AssertionMode.Always : AssertionMode.Never,
            PeerReader.ReadPeers(body.Field("from")),
            PeerReader.ReadPeers(body.Field("to")),
            PeerReader.ReadServices(body.Field("services")));
    }

    private static Rule ReadRule(DocumentNode node)
    {
        if (!node.IsMapping())
        {
            return new(default, [], [], [], RuleAction.Drop);
        }

        return new(
            node.Required("name", Name.Allowed)?.Name() ?? default,
            PeerReader.ReadPeers(node.Field("from")),
            PeerReader.ReadPeers(node.Field("to")),
            PeerReader.ReadServices(node.Field("services")),
            node.Required("action", string.Join(", ", Words<RuleAction>.All))?.Word<RuleAction>("action") ?? default,
            node.Field("chain")?.Reference(),
            node.Field("direction")?.Word<Direction>("direction") ?? Direction.Both,
            node.Field("mode")?.Word<RuleMode>("mode") ?? RuleMode.Enforce,
            node.Field("log")?.Boolean() ?? false,
            node.Field("onRevoke")?.Word<OnRevoke>("way to treat open connections") ?? OnRevoke.Cut);
    }

    private static Hop ReadHop(DocumentNode node)
    {
        if (!node.IsMapping())
        {
            return new(default, NoPort, NoPort, OnFailure.Closed);
        }

        return new(
            node.Required("name", Name.Allowed)?.Name() ?? default,
            ReadHopPort(node.Required("ingress", "a mapping of host and port")),
            ReadHopPort(node.Required("egress", "a mapping of host and port")),
            node.Field("onFailure")?.Word<OnFailure>("way to fail") ?? OnFailure.Closed);
    }

    private static HopPort ReadHopPort(DocumentNode? node) => node is { } field && field.IsMapping()
        ? new(
            field.Required("host", "the name of a Host")?.Name() ?? default,
            field.Field("bridge")?.PortName(),
            field.Required("port", PortName.Allowed)?.PortName() ?? default)
        : NoPort;

    private static ValueList<Clause> ReadClauses(DocumentNode? field) => field?.Items("a list of clauses").Select(ReadClause).ToValueList() ?? [];

    private static Clause ReadClause(DocumentNode node)
    {
        var nothing = new SelectorClause(new Selector([]));
        if (!node.IsMapping())
        {
            return nothing;
        }

        var written = ClauseFields.Where(f => node.Field(f) is not null).ToArray();
        switch (written)
        {
            case ["selector"]:
                return node.Field("selector") is { } selector ? ReadSelector(selector) : nothing;
            case ["workload"]:
                return new WorkloadClause(node.Field("workload")?.Reference() ?? default);
            case ["network"]:
                return new NetworkClause(node.Field("network")?.Reference() ?? default);
            case ["group"]:
                return new GroupClause(node.Field("group")?.Reference() ?? default);
            case ["cidr"] or ["network", "cidr"]:
                return node.Field("cidr") is { } cidr ? new CidrClause(PeerReader.ReadPrefix(cidr), node.Field("network")?.Reference()) : nothing;
            case ["fqdn"]:
                return new FqdnClause(node.Field("fqdn")?.DnsName() ?? "");
            case [] when node.Node is MappingNode { Fields.Count: > 0 }:
                return nothing; // nothing but unknown fields, each of which is an error already
            default:
                node.Fail(written.Length == 0 ? "an empty clause" : $"{string.Join(" and ", written)} in one clause", AllowedClause);
                return nothing;
        }
    }

    private static SelectorClause ReadSelector(DocumentNode node)
    {
        if (node.Node is ScalarNode { Type: ScalarType.Text } scalar && !Selector.TryParse(scalar.Text, out _, out var error))
        {
            node.Fail($"the selector cannot be read: {error}", Selector.Allowed);
            return new(new Selector([]));
        }

        return new(node.Parse("selector", Selector.Allowed, (string text, out Selector selector) => Selector.TryParse(text, out selector, out _), new Selector([])));
    }
}
