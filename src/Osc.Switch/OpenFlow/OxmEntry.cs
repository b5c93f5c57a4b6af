using System.Runtime.CompilerServices;
using Osc.Flows;

namespace Osc.Switch.OpenFlow;

/// <summary>
/// One field of a match, as OXM writes it (OpenFlow 1.5.1 section 7.2.3.2):
/// <code>
///  class:16  field:7 hasmask:1  length:8   value   mask, if hasmask
/// </code>
/// </summary>
/// <param name="Field">Null for a field outside the flow language.</param>
/// <param name="Value">With no bit outside the mask.</param>
internal readonly record struct OxmEntry(Field? Field, ushort OxmClass, byte OxmNumber, UInt128 Value, UInt128 Mask)
{
    /// <summary>OXM_OF_PACKET_TYPE, which a 1.5 switch states even where it goes without saying: 0 is Ethernet.</summary>
    private const byte PacketType = 44;

    public bool IsEthernetPacketType => OxmClass == 0x8000 && OxmNumber == PacketType && Value == 0;

    public static uint Header(Field field, bool hasMask) =>
        ((uint)field.OxmClass << 16) | ((uint)field.OxmNumber << 9) | (hasMask ? 0x100u : 0) | (uint)(hasMask ? field.Bytes * 2 : field.Bytes);

    public static void Write(MessageBuffer to, Field field, UInt128 value, UInt128 mask)
    {
        var hasMask = mask != field.FullMask;
        to.UInt32(Header(field, hasMask));
        to.Number(value, field.Bytes);
        if (hasMask)
        {
            to.Number(mask, field.Bytes);
        }
    }

    public static OxmEntry Read(ref WireReader reader)
    {
        var header = reader.UInt32();
        var field = FindField(header);
        var hasMask = (header & 0x100) != 0;
        var length = (byte)header;
        var bytes = hasMask ? length / 2 : length;
        if (bytes is 0 or > 16 || (hasMask && length % 2 != 0) || (field is not null && bytes != field.Bytes))
        {
            reader.Fail($"an OXM field 0x{header:x8} of {length} bytes");
        }

        var value = reader.Number(bytes);
        var full = field?.FullMask ?? (bytes == 16 ? UInt128.MaxValue : (UInt128.One << (8 * bytes)) - 1);
        var mask = (hasMask ? reader.Number(bytes) : full) & full;
        return new(field, (ushort)(header >> 16), (byte)((header >> 9) & 0x7f), value & mask, mask);
    }

    /// <summary>The field that a header without value names, as in copy_field and the zone of ct.</summary>
    public static Field? FindField(uint header) => Flows.Field.Find((ushort)(header >> 16), (byte)((header >> 9) & 0x7f));

    /// <summary>
    /// Splits a wide register into the 32-bit ones under it, leaving out those that no bit of the mask touches: a 1.5 switch
    /// dumps registers in pairs. Any other field is its own only part.
    /// </summary>
    /// <param name="parts">An <see cref="OxmParts"/>.</param>
    /// <returns>How many parts there are.</returns>
    public int Narrow(Span<OxmEntry> parts)
    {
        if (Field?.FirstRegister is not { } first)
        {
            parts[0] = this;
            return 1;
        }

        var count = 0;
        var registers = Field.Bits / 32;
        for (var i = 0; i < registers; i++)
        {
            var shift = 32 * (registers - 1 - i);
            if ((uint)(Mask >> shift) is var mask and not 0)
            {
                var register = Flows.Field.Registers[first + i];
                parts[count++] = new(register, register.OxmClass, register.OxmNumber, (uint)(Value >> shift), mask);
            }
        }

        return count;
    }
}

/// <summary>Room for the 32-bit registers under a wide one.</summary>
[InlineArray(4)]
internal struct OxmParts
{
    private OxmEntry first;
}
