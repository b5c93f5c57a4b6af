using Osc.Model;

namespace Osc.Lab;

/// <summary>Where a lab's router stands in a subnet.</summary>
public static class RouterAddress
{
    /// <summary>
    /// The last address but one, in both families: 10.0.0.254 of 10.0.0.0/24, fd00::ffff:ffff:ffff:fffe of fd00::/64. No
    /// workload of a lab may own it.
    /// </summary>
    /// <exception cref="LabException">The subnet has no room for a router beside a workload.</exception>
    public static IpAddress In(Prefix subnet) => subnet.BitLength <= 126
        ? IpAddress.FromBits(subnet.Last.Bits - 1)
        : throw new LabException($"the subnet {subnet} has no room for a router");
}
