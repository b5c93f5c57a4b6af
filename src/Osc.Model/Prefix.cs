using System.Globalization;

namespace Osc.Model;

/// <summary>An address range written as a prefix (CIDR). Host bits are always zero.</summary>
public readonly record struct Prefix : IComparable<Prefix>
{
    /// <summary>0.0.0.0/0.</summary>
    public static readonly Prefix AllIPv4 = new(IpAddress.FromIPv4(0), 96);

    /// <summary>::/0, which holds IPv6 addresses only.</summary>
    public static readonly Prefix AllIPv6 = new(IpAddress.FromBits(0), 0);

    private Prefix(IpAddress network, int bitLength)
    {
        Network = network;
        BitLength = bitLength;
    }

    public IpAddress Network { get; }

    /// <summary>The prefix length in the 128-bit space of <see cref="IpAddress.Bits"/>: 96 more than written for IPv4.</summary>
    public int BitLength { get; }

    /// <summary>The prefix length as written: 0 to 32 for IPv4, 0 to 128 for IPv6.</summary>
    public int Length => Network.IsIPv4 && BitLength >= 96 ? BitLength - 96 : BitLength;

    public IpFamily Family => Network.IsIPv4 && BitLength >= 96 ? IpFamily.IPv4 : IpFamily.IPv6;

    public bool IsSingleAddress => BitLength == 128;

    /// <summary>The mask in the 128-bit space.</summary>
    public UInt128 Mask => MaskOf(BitLength);

    /// <summary>The last address of the range: for an IPv4 subnet of more than two addresses, its directed broadcast address.</summary>
    public IpAddress Last => IpAddress.FromBits(Network.Bits | ~Mask);

    public static Prefix Of(IpAddress address) => new(address, 128);

    /// <param name="address">Any address of the range; its host bits are cleared.</param>
    /// <param name="length">0 to 32 for IPv4, 0 to 128 for IPv6.</param>
    /// <exception cref="ArgumentOutOfRangeException">The length does not fit the family.</exception>
    public static Prefix Of(IpAddress address, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, address.IsIPv4 ? 32 : 128);
        var bits = address.IsIPv4 ? length + 96 : length;
        return new(IpAddress.FromBits(address.Bits & MaskOf(bits)), bits);
    }

    /// <summary>Reads "10.0.0.0/8", "fd00::/8" or a single address. Host bits must be zero.</summary>
    public static bool TryParse(string? text, out Prefix prefix)
    {
        prefix = default;
        if (text is null)
        {
            return false;
        }

        var slash = text.IndexOf('/');
        if (slash < 0)
        {
            var single = IpAddress.TryParse(text, out var only);
            prefix = Of(only);
            return single;
        }

        if (!IpAddress.TryParse(text[..slash], out var address)
            || !int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var length)
            || length > (address.IsIPv4 ? 32 : 128))
        {
            return false;
        }

        prefix = Of(address, length);
        return prefix.Network == address;
    }

    /// <exception cref="FormatException">The text is no prefix.</exception>
    public static Prefix Parse(string text) => TryParse(text, out var prefix) ? prefix : throw new FormatException($"'{text}' is not a prefix");

    /// <summary>An IPv6 prefix holds no IPv4 address, however short it is.</summary>
    public bool Contains(IpAddress address) => address.Family == Family && (address.Bits & Mask) == Network.Bits;

    /// <summary>Whether every address of <paramref name="other"/> is in this range.</summary>
    public bool Contains(Prefix other) => other.Family == Family && other.BitLength >= BitLength && (other.Network.Bits & Mask) == Network.Bits;

    public int CompareTo(Prefix other)
    {
        var byNetwork = Network.CompareTo(other.Network);
        return byNetwork != 0 ? byNetwork : BitLength.CompareTo(other.BitLength);
    }

    /// <summary>"10.0.0.0/8"; a single address too is written with its length.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Network}/{Length}");

    private static UInt128 MaskOf(int bits) => bits == 0 ? UInt128.Zero : UInt128.MaxValue << (128 - bits);
}
