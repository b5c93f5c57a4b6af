namespace Osc.Flows.Pipeline;

/// <summary>
/// The 802.1Q tag of a frame on its way through appliances. It says all that the switch has to know when the frame comes back: the
/// way it takes and its network (the lane), and what <see cref="Registers.Flags"/> say of how it goes on.
/// </summary>
public static class InspectionTag
{
    /// <summary>The largest lane: 4095 is no VLAN id (IEEE 802.1Q, 9.6).</summary>
    public const uint MaxLane = 1022;

    /// <summary>In vlan_vid: that there is a tag, and the lane.</summary>
    public const uint LaneMask = 0x1ffc;

    private const uint VlanPresent = 0x1000;

    /// <summary>The low bits of the tag's id: the flags that a frame comes back with.</summary>
    public static readonly Subfield Flags = new(Field.VlanVid, 0, 2);

    /// <summary>The flags that it takes along: <see cref="Registers.FromLocal"/> and <see cref="Registers.ToMany"/>.</summary>
    public static readonly Subfield KeptFlags = new(Registers.Flags, 0, 2);

    /// <summary>vlan_vid of a lane, without flags.</summary>
    public static uint Of(uint lane) => VlanPresent | (lane << 2);
}

/// <summary>Layout of reg12 on the way through appliances: which chains, which of their hops is next, in which direction.</summary>
public static class InspectionLeg
{
    /// <summary>The bits that say which chains.</summary>
    public const uint WayMask = 0xffff0000;

    /// <summary>A frame of another bridge, lent an appliance of this one; its tunnel's key says which. No way of this bridge has that many hops.</summary>
    public const uint Relayed = 0x8000;

    /// <param name="outChain">The number of the out side's chain, or of the only one.</param>
    /// <param name="inChain">The number of the in side's, if that is another.</param>
    public static uint WayOf(uint outChain, uint inChain) => (inChain << 24) | (outChain << 16);

    /// <param name="way">As of <see cref="WayOf"/>.</param>
    /// <param name="hop">Counted from 0 in the order of the connection's first packet.</param>
    /// <param name="isReply">Whether the packet goes against it.</param>
    public static uint Of(uint way, int hop, bool isReply) => way | ((uint)hop << 1) | (isReply ? 1u : 0u);
}
