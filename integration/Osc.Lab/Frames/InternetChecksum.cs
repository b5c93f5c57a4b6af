using System.Buffers.Binary;
using Osc.Model;

namespace Osc.Lab.Frames;

/// <summary>The ones' complement sum of 16-bit words (RFC 1071).</summary>
internal static class InternetChecksum
{
    /// <summary>Of bytes in which the checksum field is still zero.</summary>
    public static ushort Of(ReadOnlySpan<byte> bytes) => Fold(Sum(bytes));

    /// <summary>With the pseudo-header of TCP, UDP and ICMPv6 (RFC 9293, 3.1; RFC 8200, 8.1).</summary>
    public static ushort Of(IpAddress source, IpAddress destination, byte protocol, ReadOnlySpan<byte> message) =>
        Fold(Sum(source.ToBytes()) + Sum(destination.ToBytes()) + protocol + (uint)message.Length + Sum(message));

    private static uint Sum(ReadOnlySpan<byte> bytes)
    {
        uint sum = 0;
        for (; bytes.Length >= 2; bytes = bytes[2..])
        {
            sum += BinaryPrimitives.ReadUInt16BigEndian(bytes);
        }

        return bytes.Length == 1 ? sum + ((uint)bytes[0] << 8) : sum;
    }

    private static ushort Fold(uint sum)
    {
        while (sum > ushort.MaxValue)
        {
            sum = (sum & 0xffff) + (sum >> 16);
        }

        return (ushort)~sum;
    }
}
