using Osc.Model;

namespace Osc.Lab.Frames;

/// <summary>Ethernet frames, with any tags and any type (IEEE 802.3, 802.1Q).</summary>
public static class EthernetFrame
{
    public const ushort IPv4 = 0x0800;
    public const ushort Arp = 0x0806;
    public const ushort IPv6 = 0x86dd;

    private const int MinLength = 60; // without the check sequence

    public static readonly MacAddress Broadcast = MacAddress.FromBits(0xffff_ffff_ffff);

    /// <param name="trailer">What stands behind the payload, as padding would.</param>
    public static byte[] Of(MacAddress destination, MacAddress source, ushort etherType, ReadOnlySpan<byte> payload, ReadOnlySpan<byte> trailer = default) =>
        Padded([.. destination.ToBytes(), .. source.ToBytes(), .. FrameBytes.Of(etherType), .. payload, .. trailer]);

    /// <summary>The same frame with 802.1Q tags, the outermost first.</summary>
    /// <param name="tags">Tag protocol (0x8100, 0x88a8) and VLAN.</param>
    public static byte[] Tagged(byte[] frame, params (ushort Protocol, ushort Vlan)[] tags) =>
        [.. frame[..12], .. tags.SelectMany(t => (byte[])[.. FrameBytes.Of(t.Protocol), .. FrameBytes.Of(t.Vlan)]), .. frame[12..]];

    /// <summary>The group address that a multicast or broadcast IP packet goes to (RFC 1112, 6.4; RFC 2464, 7).</summary>
    public static MacAddress GroupOf(IpAddress destination) => destination switch
    {
        { IsIPv4: false } => MacAddress.FromBits(0x3333_0000_0000UL | (uint)destination.Bits),
        { IsMulticast: true } => MacAddress.FromBits(0x0100_5e00_0000UL | (destination.IPv4Bits & 0x7f_ffff)),
        _ => Broadcast,
    };

    private static byte[] Padded(byte[] frame) => frame.Length >= MinLength ? frame : [.. frame, .. new byte[MinLength - frame.Length]];
}
