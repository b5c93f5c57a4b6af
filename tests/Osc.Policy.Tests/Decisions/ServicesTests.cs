using Xunit;
using static Osc.Policy.Tests.Given;

namespace Osc.Policy.Tests.Decisions;

/// <summary>"services match" (protocol, destination port or ICMP type/code): tcp/5432, tcp/6432-6440, udp/53, sctp/..., icmp, icmp/8, icmp/3/4, icmpv6/128, proto/47, any.</summary>
public sealed class ServicesTests
{
    private const string V4 = "198.51.100.7 > 10.1.0.1";
    private const string V6 = "2001:db8::7 > fd00:1::1";

    [Theory]
    [InlineData("tcp/5432", V4, "tcp/5432", true)]
    [InlineData("tcp/5432", V4, "tcp/5431", false)]
    [InlineData("tcp/5432", V4, "tcp/5433", false)]
    [InlineData("tcp/5432", V4, "udp/5432", false)]
    [InlineData("tcp/5432", V6, "tcp/5432", true)]
    [InlineData("tcp", V4, "tcp/0", true)]
    [InlineData("tcp", V4, "tcp/65535", true)]
    [InlineData("tcp", V4, "udp/1", false)]
    [InlineData("udp/53", V4, "udp/53", true)]
    [InlineData("udp/53", V4, "tcp/53", false)]
    [InlineData("udp", V6, "udp/9", true)]
    [InlineData("sctp/38412", V4, "sctp/38412", true)]
    [InlineData("sctp/38412", V4, "tcp/38412", false)]
    [InlineData("sctp", V6, "sctp/1", true)]
    [InlineData("proto/47", V4, "proto/47", true)]
    [InlineData("proto/47", V4, "proto/50", false)]
    [InlineData("proto/6", V4, "tcp/7", true)]
    [InlineData("proto/47", V6, "proto/47", true)]
    public void Protocol_and_port_are_the_connections(string services, string ends, string service, bool matches) => Check(services, ends, service, matches);

    /// <summary>Both ends of a range are in it.</summary>
    [Theory]
    [InlineData("tcp/6432-6440", 6431, false)]
    [InlineData("tcp/6432-6440", 6432, true)]
    [InlineData("tcp/6432-6440", 6436, true)]
    [InlineData("tcp/6432-6440", 6440, true)]
    [InlineData("tcp/6432-6440", 6441, false)]
    [InlineData("tcp/0-1023", 0, true)]
    [InlineData("tcp/0-1023", 1023, true)]
    [InlineData("tcp/0-1023", 1024, false)]
    [InlineData("tcp/1024-65535", 1023, false)]
    [InlineData("tcp/1024-65535", 65535, true)]
    [InlineData("tcp/0-65535", 0, true)]
    [InlineData("tcp/0-65535", 65535, true)]
    [InlineData("tcp/65535", 65535, true)]
    [InlineData("tcp/65535", 65534, false)]
    [InlineData("tcp/0", 0, true)]
    [InlineData("tcp/0", 1, false)]
    [InlineData("tcp/10-20 tcp/15-30 tcp/31", 31, true)]
    [InlineData("tcp/10-20 tcp/15-30 tcp/31", 32, false)]
    public void Range_of_ports_has_both_its_ends(string services, int port, bool matches) => Check(services, V4, $"tcp/{port}", matches);

    [Theory]
    [InlineData("icmp", V4, "icmp/8", true)]
    [InlineData("icmp", V4, "icmp/3/4", true)]
    [InlineData("icmp/8", V4, "icmp/8/0", true)]
    [InlineData("icmp/8", V4, "icmp/8/1", true)]
    [InlineData("icmp/8", V4, "icmp/13", false)]
    [InlineData("icmp/3/4", V4, "icmp/3/4", true)]
    [InlineData("icmp/3/4", V4, "icmp/3/3", false)]
    [InlineData("icmp/8/0", V4, "icmp/8/0", true)]
    [InlineData("icmp/8/0", V4, "icmp/8/5", false)]
    [InlineData("icmp", V4, "tcp/8", false)]
    [InlineData("icmpv6", V6, "icmpv6/128", true)]
    [InlineData("icmpv6/128", V6, "icmpv6/128", true)]
    [InlineData("icmpv6/128", V6, "icmpv6/1", false)]
    [InlineData("icmpv6/1/4", V6, "icmpv6/1/4", true)]
    [InlineData("icmpv6/1/4", V6, "icmpv6/1/3", false)]
    [InlineData("icmp", V6, "icmpv6/128", false)]
    [InlineData("icmpv6", V4, "icmp/8", false)]
    [InlineData("proto/1", V4, "icmp/8", true)]
    public void Type_and_code_are_the_connections(string services, string ends, string service, bool matches) => Check(services, ends, service, matches);

    [Theory]
    [InlineData("any", V4, "tcp/1")]
    [InlineData("any", V4, "proto/255")]
    [InlineData("any", V6, "icmpv6/128")]
    [InlineData("", V4, "udp/1")]
    [InlineData("", V4, "proto/0")]
    [InlineData("tcp/1 any", V4, "sctp/5")]
    public void Any_and_nothing_are_every_service(string services, string ends, string service) => Check(services, ends, service, true);

    /// <summary>A service's name stands for its ports, any of them; several entries are a union.</summary>
    [Theory]
    [InlineData("postgres", "tcp/5432", true)]
    [InlineData("postgres", "tcp/6435", true)]
    [InlineData("postgres", "udp/53", false)]
    [InlineData("postgres udp/53", "udp/53", true)]
    [InlineData("postgres web", "tcp/443", true)]
    [InlineData("postgres web", "tcp/444", false)]
    public void Services_are_a_union_of_names_and_ports(string services, string service, bool matches) =>
        Check(services, V4, service, matches);

    private static void Check(string services, string ends, string service, bool matches)
    {
        var world = World.Of(Service("postgres", "tcp/5432 tcp/6432-6440"), Service("web", "tcp/80 tcp/443"), PolicyOf("p", Allow("r", services: services)));

        Assert.Equal(matches ? "allow, in allow shop/p/r" : "drop, in drop default", world.Decide($"{ends} {service}"));
    }
}
