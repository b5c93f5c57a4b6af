using Osc.Model;
using Osc.Model.Documents;
using static Osc.Scenarios.Large.Make;

namespace Osc.Scenarios.Large;

/// <summary>
/// One port with 99 rules that each allow a range of its own on a port, and one rule that allows a remote group of 100 members whose
/// addresses are scattered: OpenStack's way to write a security group. The members are elsewhere.
/// </summary>
public static class OnePortScenario
{
    private const int Ranges = 99;
    private const int Members = 100;

    private static readonly Name Tenant = Name.Parse("project");
    private static readonly QualifiedName Network = new(Tenant, Name.Parse("net"));
    private static readonly QualifiedName Remote = new(Tenant, Name.Parse("remote"));
    private static readonly QualifiedName Own = new(Tenant, Name.Parse("own"));

    /// <summary>The host of the port.</summary>
    public static Name Host { get; } = Name.Parse("h1");

    public static DocumentSet Documents()
    {
        var site = new Site();
        var elsewhere = site.AddHost("h2");
        site.AddHost(Host.Value);
        site.AddTenant(Tenant, DefaultAction.Drop);
        site.AddNetwork(Network, 1, null, AllTen);
        site.AddWorkload(new(Name.Parse("vm"), Tenant, Labelled("role", "own")), Network, Host, IpAddress.Parse("10.0.0.1"));
        var random = new Random(1);
        for (var i = 0; i < Members; i++)
        {
            var address = Ten((uint)(((i + 1) << 12) + (random.Next(1 << 10) << 1) + 1));
            site.AddWorkload(new(Named("member", i), Tenant, Labelled("role", "remote")), Network, elsewhere, address);
        }

        site.Add(Group(Own, "role", "own"));
        site.Add(Group(Remote, "role", "remote"));
        var ranges = Enumerable.Range(0, Ranges).Select(i => new Rule(
            Named("range", i),
            [new CidrPeer(Prefix.Of(IpAddress.FromIPv4((203u << 24) + ((uint)i << 10)), 24))],
            [],
            [Tcp(1_000 + i)],
            RuleAction.Allow,
            Direction: Direction.In));
        var remote = new Rule(Name.Parse("remote"), Peers(Remote), [], [], RuleAction.Allow, Direction: Direction.In);
        site.Add(new PolicyDocument(new(Name.Parse("ingress"), Tenant), PolicyDocument.DefaultTier, PolicyDocument.DefaultOrder, Peers(Own), [.. ranges, remote]));
        var egress = new Rule(Name.Parse("any"), [], [], [], RuleAction.Allow, Direction: Direction.Out);
        site.Add(new PolicyDocument(new(Name.Parse("egress"), Tenant), PolicyDocument.DefaultTier, PolicyDocument.DefaultOrder, Peers(Own), [egress]));
        return site.Documents;
    }
}
