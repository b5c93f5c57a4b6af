using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Osc.Model;

namespace Osc.Flows.Pipeline;

/// <summary>
/// Layout of the key under which an inspected frame goes through a tunnel to an appliance of another host, and comes back: 24 bits, as
/// Geneve and VXLAN have. It names the appliance in a way that both hosts know without asking each other.
/// </summary>
public static class RelayKey
{
    /// <summary>The frame comes back.</summary>
    public const uint Back = 1 << 23;

    /// <summary>The frame goes in at that port of the appliance whose name comes second.</summary>
    public const uint SecondPort = 1 << 22;

    /// <summary>If the appliance is down, the frame passes it by.</summary>
    public const uint MayPassBy = 1 << 21;

    /// <summary>All bits of the field: there are none set above a key.</summary>
    public const ulong Mask = ulong.MaxValue;

    private const uint ApplianceMask = MayPassBy - 1;

    /// <summary>
    /// Which appliance, by the ports between which it is, and in at which: the appliance as one number of 2^21. Two of one bridge
    /// that have the same are not reached from elsewhere.
    /// </summary>
    /// <param name="near">The port that leads to it.</param>
    /// <param name="far">The port that the frame comes back at.</param>
    public static uint Of(PortName near, PortName far)
    {
        var (first, second) = near.CompareTo(far) < 0 ? (near, far) : (far, near);
        var hash = BinaryPrimitives.ReadUInt32BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes($"{first} {second}")));
        return (hash & ApplianceMask) | (near == first ? 0 : SecondPort);
    }
}
