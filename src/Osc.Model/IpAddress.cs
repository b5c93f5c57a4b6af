using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace Osc.Model;

/// <summary>The address family of an <see cref="IpAddress"/>.</summary>
public enum IpFamily
{
    IPv4,
    IPv6,
}

/// <summary>
/// An IPv4 or IPv6 address. Both live in one 128-bit space, IPv4 as its IPv4-mapped form ::ffff:a.b.c.d (RFC 4291, 2.5.5.2),
/// which is also how the switch pipeline looks addresses up. The text form "::ffff:a.b.c.d" itself is not accepted:
/// an address has one spelling.
/// </summary>
public readonly record struct IpAddress : IComparable<IpAddress>
{
    private const ulong MappedMarker = 0xffff;

    private IpAddress(UInt128 bits) => Bits = bits;

    /// <summary>The address in the 128-bit space, IPv4 in its mapped form.</summary>
    public UInt128 Bits { get; }

    public IpFamily Family => (Bits >> 32) == MappedMarker ? IpFamily.IPv4 : IpFamily.IPv6;

    public bool IsIPv4 => Family == IpFamily.IPv4;

    /// <summary>The 32 bits of an IPv4 address, host order.</summary>
    public uint IPv4Bits => (uint)Bits;

    /// <summary>224.0.0.0/4 or ff00::/8.</summary>
    public bool IsMulticast => IsIPv4 ? (IPv4Bits >> 28) == 0xe : (Bits >> 120) == 0xff;

    /// <summary>255.255.255.255.</summary>
    public bool IsLimitedBroadcast => IsIPv4 && IPv4Bits == uint.MaxValue;

    public static IpAddress FromBits(UInt128 bits) => new(bits);

    public static IpAddress FromIPv4(uint bits) => new(((UInt128)MappedMarker << 32) | bits);

    public static bool TryParse(string? text, out IpAddress address)
    {
        address = default;
        if (text is null || text.Contains('%') || text.Contains('[') || !IPAddress.TryParse(text, out var parsed))
        {
            return false;
        }

        if (parsed.AddressFamily == AddressFamily.InterNetwork)
        {
            // IPAddress also takes "1", "0x7f.1" and the like; an address in a policy is written in four decimal parts.
            Span<byte> bytes = stackalloc byte[4];
            parsed.TryWriteBytes(bytes, out _);
            address = FromIPv4(BinaryPrimitives.ReadUInt32BigEndian(bytes));
            return parsed.ToString() == text;
        }

        if (parsed.IsIPv4MappedToIPv6)
        {
            return false;
        }

        Span<byte> wide = stackalloc byte[16];
        parsed.TryWriteBytes(wide, out _);
        address = new(BinaryPrimitives.ReadUInt128BigEndian(wide));
        return true;
    }

    /// <exception cref="FormatException">The text is no address.</exception>
    public static IpAddress Parse(string text) =>
        TryParse(text, out var address) ? address : throw new FormatException($"'{text}' is not an IPv4 or IPv6 address");

    public int CompareTo(IpAddress other) => Bits.CompareTo(other.Bits);

    /// <summary>The canonical text (RFC 5952 for IPv6).</summary>
    public override string ToString()
    {
        if (IsIPv4)
        {
            Span<byte> bytes = stackalloc byte[4];
            BinaryPrimitives.WriteUInt32BigEndian(bytes, IPv4Bits);
            return new IPAddress(bytes).ToString();
        }

        Span<byte> wide = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(wide, Bits);
        return new IPAddress(wide).ToString();
    }
}
