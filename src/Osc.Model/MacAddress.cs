using System.Globalization;

namespace Osc.Model;

/// <summary>A 48-bit Ethernet address, written in lower case with colons.</summary>
public readonly record struct MacAddress : IComparable<MacAddress>
{
    private MacAddress(ulong bits) => Bits = bits;

    public ulong Bits { get; }

    public bool IsMulticast => ((Bits >> 40) & 1) == 1;

    /// <summary>
    /// The interface's modified EUI-64 link-local address (RFC 4291, appendix A): what most systems give themselves on link-up.
    /// </summary>
    public IpAddress LinkLocal
    {
        get
        {
            var identifier = ((Bits >> 24) << 40) | (0xfffeUL << 24) | (Bits & 0xffffff);
            return IpAddress.FromBits(((UInt128)0xfe80 << 112) | (identifier ^ (1UL << 57)));
        }
    }

    /// <exception cref="ArgumentOutOfRangeException">More than 48 bits.</exception>
    public static MacAddress FromBits(ulong bits)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bits, 0xffff_ffff_ffffUL);
        return new(bits);
    }

    /// <summary>Reads "02:00:00:00:00:01", in either case.</summary>
    public static bool TryParse(string? text, out MacAddress mac)
    {
        mac = default;
        if (text is null || text.Length != 17)
        {
            return false;
        }

        ulong bits = 0;
        for (var i = 0; i < 17; i += 3)
        {
            if ((i > 0 && text[i - 1] != ':') || !byte.TryParse(text.AsSpan(i, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var part))
            {
                return false;
            }

            bits = (bits << 8) | part;
        }

        mac = new(bits);
        return true;
    }

    /// <exception cref="FormatException">The text is no Ethernet address.</exception>
    public static MacAddress Parse(string text) => TryParse(text, out var mac) ? mac : throw new FormatException($"'{text}' is not an Ethernet address");

    public int CompareTo(MacAddress other) => Bits.CompareTo(other.Bits);

    public override string ToString() => string.Create(17, Bits, static (span, bits) =>
    {
        for (var i = 0; i < 6; i++)
        {
            if (i > 0)
            {
                span[(i * 3) - 1] = ':';
            }

            ((byte)(bits >> (40 - (8 * i)))).TryFormat(span[(i * 3)..], out _, "x2", CultureInfo.InvariantCulture);
        }
    });
}
