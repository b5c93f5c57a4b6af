namespace Osc.Model.Documents;

/// <summary>One way to say who is a member of a group.</summary>
public abstract record Clause;

/// <summary>All interfaces of the workloads whose labels match.</summary>
public sealed record SelectorClause(Selector Selector) : Clause;

/// <summary>All interfaces of one workload.</summary>
public sealed record WorkloadClause(QualifiedName Workload) : Clause;

/// <summary>All interfaces in a network.</summary>
public sealed record NetworkClause(QualifiedName Network) : Clause;

/// <summary>All members of another group.</summary>
public sealed record GroupClause(QualifiedName Group) : Clause;

/// <summary>An address range, in every vrf of the tenant, or in the vrf of <paramref name="Network"/> where one is named.</summary>
public sealed record CidrClause(Prefix Cidr, QualifiedName? Network) : Clause;

/// <summary>The addresses of a DNS name; a leading "*." stands for one or more labels.</summary>
public sealed record FqdnClause(string Fqdn) : Clause;

/// <summary>A named set of addresses: the union of the clauses of <paramref name="Members"/> less the union of those of <paramref name="Except"/>.</summary>
/// <param name="Shared">Whether other tenants may name it.</param>
public sealed record SecurityGroupDocument(Metadata Metadata, ValueList<Clause> Members, ValueList<Clause> Except, bool Shared) : Document(Metadata)
{
    public override Kind Kind => Kind.SecurityGroup;
}

/// <summary>A named list of ports.</summary>
/// <param name="Shared">Whether other tenants may name it.</param>
public sealed record ServiceDocument(Metadata Metadata, ValueList<ServicePort> Ports, bool Shared) : Document(Metadata)
{
    public override Kind Kind => Kind.Service;
}

/// <summary>Tiers, in the order in which they decide.</summary>
public enum Tier
{
    Emergency,
    Infrastructure,
    Environment,
    Application,
    Baseline,
}

/// <summary>What a rule does with a connection that it counts for.</summary>
public enum RuleAction
{
    Allow,
    Drop,

    /// <summary>Drop, and tell the sender: TCP reset, or ICMP administratively prohibited.</summary>
    Reject,

    /// <summary>Go on with the next tier.</summary>
    Pass,

    /// <summary>Allow, through an inspection chain.</summary>
    Inspect,
}

/// <summary>Which sides of a connection a rule is for.</summary>
public enum Direction
{
    Both,
    In,
    Out,
}

public enum RuleMode
{
    Enforce,

    /// <summary>Count and log what it would have decided, and decide nothing.</summary>
    Observe,

    /// <summary>As if it were not there.</summary>
    Disabled,
}

/// <summary>What becomes of open connections when a rule stops allowing them.</summary>
public enum OnRevoke
{
    Cut,
    Keep,
}

/// <summary>One entry of from, to or appliedTo.</summary>
public abstract record Peer;

public sealed record GroupPeer(QualifiedName Group) : Peer;

/// <summary>A literal range, in every vrf of the policy's tenant.</summary>
public sealed record CidrPeer(Prefix Cidr) : Peer;

/// <summary>One entry of services.</summary>
public abstract record ServiceReference;

public sealed record NamedService(QualifiedName Service) : ServiceReference;

public sealed record InlineService(ServicePort Port) : ServiceReference;

/// <summary>A rule. An empty list of peers or services is any.</summary>
/// <param name="Chain">Set when, and only when, the action is inspect.</param>
public sealed record Rule(
    Name Name,
    ValueList<Peer> From,
    ValueList<Peer> To,
    ValueList<ServiceReference> Services,
    RuleAction Action,
    QualifiedName? Chain = null,
    Direction Direction = Direction.Both,
    RuleMode Mode = RuleMode.Enforce,
    bool Log = false,
    OnRevoke OnRevoke = OnRevoke.Cut);

/// <summary>An ordered list of rules in a tier.</summary>
/// <param name="Order">Within the tier, lower first; ties by name.</param>
/// <param name="AppliedTo">Where the rules are enforced; empty is everywhere.</param>
public sealed record PolicyDocument(Metadata Metadata, Tier Tier, int Order, ValueList<Peer> AppliedTo, ValueList<Rule> Rules) : Document(Metadata)
{
    public const int DefaultOrder = 100;

    public const Tier DefaultTier = Tier.Application;

    public override Kind Kind => Kind.Policy;
}

/// <summary>What happens to connections when a hop fails.</summary>
public enum OnFailure
{
    Closed,
    Open,
}

/// <summary>A port of a host that leads to an appliance, or back from it.</summary>
/// <param name="Bridge">One of the host's bridges; null is its first.</param>
public sealed record HopPort(Name Host, PortName? Bridge, PortName Port);

/// <summary>One appliance of a chain.</summary>
public sealed record Hop(Name Name, HopPort Ingress, HopPort Egress, OnFailure OnFailure)
{
    public bool Uses(PortName port) => Ingress.Port == port || Egress.Port == port;
}

/// <summary>Appliances that inspected connections go through, in order.</summary>
public sealed record InspectionChainDocument(Metadata Metadata, ValueList<Hop> Hops) : Document(Metadata)
{
    public override Kind Kind => Kind.InspectionChain;
}

/// <summary>Whether an assertion's connections must pass, or must not.</summary>
public enum AssertionMode
{
    Never,
    Always,
}

/// <summary>Must hold for every packet. An empty list is any.</summary>
public sealed record AssertionDocument(
    Metadata Metadata,
    AssertionMode Mode,
    ValueList<Peer> From,
    ValueList<Peer> To,
    ValueList<ServiceReference> Services) : Document(Metadata)
{
    public override Kind Kind => Kind.Assertion;
}
