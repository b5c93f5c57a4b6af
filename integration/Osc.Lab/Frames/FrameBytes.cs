using System.Buffers.Binary;
using Osc.Model;

namespace Osc.Lab.Frames;

/// <summary>Osc's addresses and numbers as they stand in frames.</summary>
public static class FrameBytes
{
    public static byte[] ToBytes(this IpAddress address)
    {
        var bytes = new byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, address.Bits);
        return address.IsIPv4 ? bytes[12..] : bytes;
    }

    public static byte[] ToBytes(this MacAddress mac)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, mac.Bits);
        return bytes[2..];
    }

    /// <summary>Network order.</summary>
    public static byte[] Of(ushort value) => [(byte)(value >> 8), (byte)value];

    /// <summary>Network order.</summary>
    public static byte[] Of(uint value) => [(byte)(value >> 24), (byte)(value >> 16), (byte)(value >> 8), (byte)value];
}
