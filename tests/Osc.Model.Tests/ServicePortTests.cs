using CsCheck;
using Xunit;

namespace Osc.Model.Tests;

public sealed class ServicePortTests
{
    private static readonly QualifiedName Vrf = QualifiedName.Parse("shop/default");

    private static readonly Gen<ServicePort> Ports = Gen.OneOf(
        Gen.Const(ServicePort.Any),
        Gen.Byte.Select(ServicePort.OfProtocol),
        Gen.Select(Gen.OneOf<byte>(6, 17, 132), Gen.UShort, Gen.UShort).Select((p, a, b) => ServicePort.OfPorts(p, new(Math.Min(a, b), Math.Max(a, b)))),
        Gen.Select(Gen.OneOf<byte>(1, 58), Gen.Byte, Gen.Byte.Nullable()).Select((p, type, code) => ServicePort.OfIcmp(p, type, code)));

    [Fact]
    public void Port_survives_text_and_back() => Ports.Sample(p => Assert.Equal(p, ServicePort.Parse(p.ToString())), iter: 20_000);

    [Theory]
    [InlineData("any", "any")]
    [InlineData("tcp", "tcp")]
    [InlineData("tcp/0-65535", "tcp")]
    [InlineData("tcp/80", "tcp/80")]
    [InlineData("udp/53-53", "udp/53")]
    [InlineData("sctp/1-2", "sctp/1-2")]
    [InlineData("icmp/3/4", "icmp/3/4")]
    [InlineData("icmpv6/128", "icmpv6/128")]
    [InlineData("proto/47", "proto/47")]
    [InlineData("proto/6", "tcp")]
    public void Port_prints_in_one_spelling(string text, string canonical) => Assert.Equal(canonical, ServicePort.Parse(text).ToString());

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("any/1")]
    [InlineData("TCP/80")]
    [InlineData("tcp/")]
    [InlineData("tcp/65536")]
    [InlineData("tcp/-1")]
    [InlineData("tcp/2-1")]
    [InlineData("tcp/1-2-3")]
    [InlineData("tcp/1/2")]
    [InlineData("tcp/+1")]
    [InlineData("icmp/256")]
    [InlineData("icmp/3/")]
    [InlineData("icmp/3/4/5")]
    [InlineData("icmp/0-3")]
    [InlineData("proto")]
    [InlineData("proto/256")]
    [InlineData("proto/tcp")]
    [InlineData("http")]
    public void Other_text_is_refused(string? text) => Assert.False(ServicePort.TryParse(text, out _));

    [Fact]
    public void Parse_says_what_is_allowed() =>
        Assert.Equal($"'http' is not a port specification: {ServicePort.Allowed}", Assert.Throws<FormatException>(() => ServicePort.Parse("http")).Message);

    [Theory]
    [InlineData("any", 47, 0, 0, 0, true)]
    [InlineData("tcp", 6, 1, 0, 0, true)]
    [InlineData("tcp/80", 6, 80, 0, 0, true)]
    [InlineData("tcp/80", 17, 80, 0, 0, false)]
    [InlineData("tcp/80-82", 6, 82, 0, 0, true)]
    [InlineData("tcp/80-82", 6, 83, 0, 0, false)]
    [InlineData("icmp", 1, 0, 8, 3, true)]
    [InlineData("icmp/8", 1, 0, 8, 3, true)]
    [InlineData("icmp/8/0", 1, 0, 8, 3, false)]
    [InlineData("icmp/8", 58, 0, 8, 0, false)]
    [InlineData("icmpv6/128", 58, 0, 128, 0, true)]
    [InlineData("proto/47", 47, 0, 0, 0, true)]
    [InlineData("proto/47", 50, 0, 0, 0, false)]
    public void Port_matches_what_it_says(string text, byte protocol, ushort port, byte type, byte code, bool matches)
    {
        var address = IpAddress.Parse("10.0.0.1");
        Assert.Equal(matches, ServicePort.Parse(text).Matches(new(Vrf, address, address, protocol, port, type, code)));
    }

    [Fact]
    public void Range_contains_its_ends_and_nothing_outside() => Gen.Select(Gen.UShort, Gen.UShort, Gen.UShort).Sample((a, b, port) =>
    {
        var range = new PortRange(Math.Min(a, b), Math.Max(a, b));
        Assert.Equal(port >= Math.Min(a, b) && port <= Math.Max(a, b), range.Contains(port));
    });

    [Fact]
    public void Values_that_mean_nothing_cannot_be_made()
    {
        Assert.Throws<ArgumentException>(() => new PortRange(2, 1));
        Assert.Throws<ArgumentException>(() => ServicePort.OfPorts(47, PortRange.All));
        Assert.Throws<ArgumentException>(() => ServicePort.OfIcmp(6, 8));
    }

    [Theory]
    [InlineData("any", true)]
    [InlineData("proto", true)]
    [InlineData("tcp", true)]
    [InlineData("postgres", false)]
    public void Protocol_words_are_no_service_names(string word, bool reserved) => Assert.Equal(reserved, ServicePort.IsReservedWord(word));

    [Theory]
    [InlineData(6, 5432, 0, 0, "shop/default: 10.0.0.1 -> 10.0.0.2 tcp/5432")]
    [InlineData(1, 0, 8, 0, "shop/default: 10.0.0.1 -> 10.0.0.2 icmp/8/0")]
    [InlineData(47, 0, 0, 0, "shop/default: 10.0.0.1 -> 10.0.0.2 47")]
    public void Connection_prints_for_a_person(byte protocol, ushort port, byte type, byte code, string text) =>
        Assert.Equal(text, new Connection(Vrf, IpAddress.Parse("10.0.0.1"), IpAddress.Parse("10.0.0.2"), protocol, port, type, code).ToString());

    [Fact]
    public void Rule_key_prints_tenant_policy_and_rule() =>
        Assert.Equal("shop/app/web-to-db", new RuleKey(QualifiedName.Parse("shop/app"), Name.Parse("web-to-db")).ToString());
}
