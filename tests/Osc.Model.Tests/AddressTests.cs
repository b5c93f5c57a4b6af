using CsCheck;
using Xunit;

namespace Osc.Model.Tests;

public sealed class AddressTests
{
    private static readonly Gen<IpAddress> IPv4 = Gen.UInt.Select(IpAddress.FromIPv4);

    private static readonly Gen<IpAddress> IPv6 = Gen.Select(Gen.ULong, Gen.ULong, Gen.Int[0, 127], Gen.Bool).Select((a, b, shift, sparse) =>
        IpAddress.FromBits(sparse ? new UInt128(a, b) & (UInt128.MaxValue << shift) & ~(UInt128)0xffff_0000 : new UInt128(a, b))).Where(a => !a.IsIPv4);

    private static readonly Gen<IpAddress> Addresses = Gen.OneOf(IPv4, IPv6);

    /// <summary>Without the IPv6 ranges that end in the IPv4-mapped range (::/80 and the like), whose last address counts as IPv4.</summary>
    private static readonly Gen<Prefix> Prefixes =
        Gen.Select(Addresses, Gen.Int[0, 128]).Select((a, l) => Prefix.Of(a, a.IsIPv4 ? l % 33 : l)).Where(p => p.Last.Family == p.Family);

    [Fact]
    public void Address_survives_text_and_back() => Addresses.Sample(a => Assert.Equal(a, IpAddress.Parse(a.ToString())), iter: 20_000);

    /// <summary>RFC 5952, sections 1, 4 and 5.</summary>
    [Theory]
    [InlineData("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1")]
    [InlineData("2001:0db8:0:0:1:0:0:1", "2001:db8::1:0:0:1")]
    [InlineData("2001:db8::1:0:0:1", "2001:db8::1:0:0:1")]
    [InlineData("2001:db8::0:1:0:0:1", "2001:db8::1:0:0:1")]
    [InlineData("2001:DB8:0:0:1::1", "2001:db8::1:0:0:1")]
    [InlineData("2001:db8:aaaa:bbbb:cccc:dddd:eeee:0001", "2001:db8:aaaa:bbbb:cccc:dddd:eeee:1")]
    [InlineData("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1")]
    [InlineData("2001:0:0:1:0:0:0:1", "2001:0:0:1::1")]
    [InlineData("0:0:0:0:0:0:0:0", "::")]
    [InlineData("::1", "::1")]
    [InlineData("10.9.0.1", "10.9.0.1")]
    public void Address_prints_in_one_spelling(string text, string canonical) => Assert.Equal(canonical, IpAddress.Parse(text).ToString());

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("10.9.1")]
    [InlineData("010.9.0.1")]
    [InlineData("0x0a.9.0.1")]
    [InlineData("10.9.0.256")]
    [InlineData("10.9.0.1 ")]
    [InlineData("10.9.0.1/32")]
    [InlineData("::ffff:10.9.0.1")]
    [InlineData("::ffff:a09:1")]
    [InlineData("fe80::1%eth0")]
    [InlineData("[::1]")]
    [InlineData("[::1]:80")]
    [InlineData("1::2::3")]
    [InlineData("12345::")]
    [InlineData("host.example.com")]
    public void Text_that_is_no_address_is_refused(string? text) => Assert.False(IpAddress.TryParse(text, out _));

    [Fact]
    public void Parse_says_what_it_was_given() => Assert.Equal("'10.9' is not an IPv4 or IPv6 address", Assert.Throws<FormatException>(() => IpAddress.Parse("10.9")).Message);

    [Fact]
    public void Any_text_is_an_address_or_refused() =>
        Gen.String[Gen.Char["0123456789abcdef:./%[]x "], 0, 40].Sample(text => !IpAddress.TryParse(text, out var a) || IpAddress.Parse(a.ToString()) == a, iter: 50_000);

    [Fact]
    public void IPv4_lies_in_the_mapped_range_of_the_one_address_space()
    {
        var address = IpAddress.Parse("10.9.0.1");
        Assert.Equal(new UInt128(0, 0xffff_0a09_0001), address.Bits);
        Assert.Equal(0x0a09_0001u, address.IPv4Bits);
        Assert.Equal(IpFamily.IPv4, address.Family);
        Assert.Equal(IpFamily.IPv6, IpAddress.Parse("::a09:1").Family);
    }

    [Theory]
    [InlineData("224.0.0.1", true)]
    [InlineData("239.255.255.255", true)]
    [InlineData("240.0.0.1", false)]
    [InlineData("223.255.255.255", false)]
    [InlineData("ff02::1", true)]
    [InlineData("fe80::1", false)]
    public void Multicast_is_told_by_its_prefix(string text, bool multicast) => Assert.Equal(multicast, IpAddress.Parse(text).IsMulticast);

    [Fact]
    public void Limited_broadcast_is_one_address()
    {
        Assert.True(IpAddress.Parse("255.255.255.255").IsLimitedBroadcast);
        Assert.False(IpAddress.Parse("255.255.255.254").IsLimitedBroadcast);
        Assert.False(IpAddress.FromBits(UInt128.MaxValue).IsLimitedBroadcast);
    }

    [Fact]
    public void Prefix_survives_text_and_back() => Prefixes.Sample(p => Assert.Equal(p, Prefix.Parse(p.ToString())), iter: 20_000);

    [Fact]
    public void Prefix_contains_exactly_the_addresses_that_share_its_bits() => Gen.Select(Prefixes, Addresses, Gen.Int[0, 127]).Sample((prefix, other, bit) =>
    {
        Assert.True(prefix.Contains(prefix.Network));
        Assert.True(prefix.Contains(prefix.Last));
        var near = IpAddress.FromBits(prefix.Network.Bits ^ (UInt128.One << bit));
        if (near.Family == prefix.Family)
        {
            Assert.Equal(bit < 128 - prefix.BitLength, prefix.Contains(near));
        }

        var inside = other.Family == prefix.Family && other.CompareTo(prefix.Network) >= 0 && other.CompareTo(prefix.Last) <= 0;
        Assert.Equal(inside, prefix.Contains(other));
    }, iter: 20_000);

    [Fact]
    public void Prefix_contains_a_prefix_when_it_contains_both_its_ends() => Gen.Select(Prefixes, Gen.Int[0, 128], Prefixes).Sample((outer, length, other) =>
    {
        var inner = Prefix.Of(outer.Network, outer.Family == IpFamily.IPv4 ? length % 33 : length);
        Assert.Equal(inner.BitLength >= outer.BitLength, outer.Contains(inner));
        Assert.Equal(outer.Contains(other.Network) && outer.Contains(other.Last) && other.BitLength >= outer.BitLength, outer.Contains(other));
    }, iter: 20_000);

    [Theory]
    [InlineData("10.0.0.0/8", "10.0.0.0/8", "10.255.255.255")]
    [InlineData("10.9.0.1", "10.9.0.1/32", "10.9.0.1")]
    [InlineData("0.0.0.0/0", "0.0.0.0/0", "255.255.255.255")]
    [InlineData("::/0", "::/0", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")]
    [InlineData("fd00::/8", "fd00::/8", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")]
    [InlineData("fd00::1", "fd00::1/128", "fd00::1")]
    public void Prefix_prints_with_its_length_and_knows_its_last_address(string text, string canonical, string last)
    {
        Assert.Equal(canonical, Prefix.Parse(text).ToString());
        Assert.Equal(last, Prefix.Parse(text).Last.ToString());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("/8")]
    [InlineData("10.0.0.0/")]
    [InlineData("10.0.0.0/33")]
    [InlineData("10.0.0.0/-1")]
    [InlineData("10.0.0.0/+8")]
    [InlineData("10.0.0.0/8/8")]
    [InlineData("10.0.0.1/8")]
    [InlineData("fd00::/129")]
    [InlineData("fd00::1/8")]
    [InlineData("10.0.0.0/255.0.0.0")]
    public void Text_that_is_no_prefix_is_refused(string? text) => Assert.False(Prefix.TryParse(text, out _));

    [Fact]
    public void All_of_IPv6_holds_no_IPv4()
    {
        Assert.False(Prefix.AllIPv6.Contains(IpAddress.Parse("10.0.0.1")));
        Assert.False(Prefix.AllIPv6.Contains(Prefix.AllIPv4));
        Assert.False(Prefix.AllIPv4.Contains(IpAddress.Parse("::1")));
        Assert.Equal(Prefix.Parse("0.0.0.0/0"), Prefix.AllIPv4);
        Assert.Equal(Prefix.Parse("::/0"), Prefix.AllIPv6);
    }

    [Fact]
    public void Prefix_of_an_address_clears_host_bits_and_checks_the_length()
    {
        Assert.Equal("10.0.0.0/8", Prefix.Of(IpAddress.Parse("10.1.2.3"), 8).ToString());
        Assert.Throws<ArgumentOutOfRangeException>(() => Prefix.Of(IpAddress.Parse("10.1.2.3"), 33));
        Assert.Throws<ArgumentOutOfRangeException>(() => Prefix.Of(IpAddress.Parse("10.1.2.3"), -1));
        Assert.True(Prefix.Of(IpAddress.Parse("10.1.2.3")).IsSingleAddress);
    }

    [Fact]
    public void Mac_survives_text_and_back() =>
        Gen.ULong[0, 0xffff_ffff_ffff].Sample(bits => Assert.Equal(bits, MacAddress.Parse(MacAddress.FromBits(bits).ToString()).Bits));

    /// <summary>The first from RFC 4291, appendix A (34-56-78-9A-BC-DE); the second from RFC 2464, section 4.</summary>
    [Theory]
    [InlineData("34:56:78:9A:BC:DE", "fe80::3656:78ff:fe9a:bcde")]
    [InlineData("02:00:00:00:00:01", "fe80::ff:fe00:1")]
    [InlineData("36-56", null)]
    public void Link_local_address_is_the_modified_EUI_64(string text, string? address) =>
        Assert.Equal(address, MacAddress.TryParse(text, out var mac) ? mac.LinkLocal.ToString() : null);

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("02:00:00:00:00")]
    [InlineData("02:00:00:00:00:001")]
    [InlineData("02-00-00-00-00-01")]
    [InlineData("02:00:00:00:00:0g")]
    [InlineData("02:00:00:00:00: 1")]
    [InlineData("0200.0000.0001aaa")]
    public void Text_that_is_no_mac_is_refused(string? text) => Assert.False(MacAddress.TryParse(text, out _));

    [Fact]
    public void Mac_is_48_bits_and_knows_multicast()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => MacAddress.FromBits(1UL << 48));
        Assert.True(MacAddress.Parse("33:33:00:00:00:01").IsMulticast);
        Assert.False(MacAddress.Parse("32:33:00:00:00:01").IsMulticast);
    }
}
