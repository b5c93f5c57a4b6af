using System.Buffers.Binary;
using Osc.Switch.OpenFlow;

namespace Osc.Switch.Reconcile;

/// <summary>
/// A flow in 128 bits for what identifies it (table, priority, match) and 128 for what it does, so that tens of thousands
/// can be compared in little memory. Made from OpenFlow bytes, in one way for what we write and what the switch dumps, and
/// blind to what the switch changes on the way:
/// the order of a match's fields, registers dumped in pairs, masks of all ones, masks of none, the stated packet type
/// Ethernet, the buffer length of an output.
/// </summary>
internal readonly record struct Fingerprint(UInt128 Key, UInt128 Actions)
{
    /// <summary>A random Guid has 122 bits of chance, and unlike the cryptographic generator needs no crypto library in memory.</summary>
    private static readonly UInt128 Secret = BinaryPrimitives.ReadUInt128LittleEndian(Guid.NewGuid().ToByteArray());

    /// <param name="error">What is malformed in the entry; null where nothing is.</param>
    public static Fingerprint Of(in FlowEntry entry, out string? error)
    {
        var key = KeyOf(entry, out error);
        var hash = new SipHash(Secret);
        var reader = new WireReader(entry.Instructions);
        while (!reader.IsEmpty)
        {
            var type = reader.UInt16();
            var body = reader.Part(reader.UInt16() - 4);
            hash.Add(type);
            if (type == InstructionType.ApplyActions)
            {
                body.Take(4);
                AddActions(ref hash, ref body);
            }
            else
            {
                hash.Add(body.Take(body.Left));
            }

            if (body.Error is { } inner)
            {
                reader.Fail(inner);
            }
        }

        error ??= reader.Error;
        return new(key, hash.Finish());
    }

    private static UInt128 KeyOf(in FlowEntry entry, out string? error)
    {
        UInt128 fields = 0;
        var reader = new WireReader(entry.Match);
        var narrow = default(OxmParts);
        Span<OxmEntry> parts = narrow;
        while (!reader.IsEmpty)
        {
            var field = OxmEntry.Read(ref reader);
            if (reader.Error is not null || field.Mask == 0 || field.IsEthernetPacketType)
            {
                continue;
            }

            foreach (var part in parts[..field.Narrow(parts)])
            {
                var one = new SipHash(Secret);
                AddField(ref one, part);
                unchecked
                {
                    // A sum, because the order of fields means nothing.
                    fields += one.Finish();
                }
            }
        }

        error = reader.Error;
        var hash = new SipHash(Secret);
        hash.Add(((ulong)entry.Table << 16) | entry.Priority);
        hash.Add(fields);
        return hash.Finish();
    }

    private static void AddActions(ref SipHash hash, ref WireReader reader)
    {
        while (!reader.IsEmpty)
        {
            var type = reader.UInt16();
            var body = reader.Part(reader.UInt16() - 4);
            hash.Add(type);
            switch (type)
            {
                case ActionType.Output:
                    hash.Add(body.UInt32());
                    break;
                case ActionType.SetField:
                    AddField(ref hash, OxmEntry.Read(ref body));
                    break;
                case ActionType.Experimenter:
                    AddExperimenter(ref hash, ref body);
                    break;
                default:
                    hash.Add(body.Take(body.Left));
                    break;
            }

            if (body.Error is { } inner)
            {
                reader.Fail(inner);
            }
        }

        // Where a nested list ends is part of what it says.
        hash.Add(ulong.MaxValue);
    }

    private static void AddExperimenter(ref SipHash hash, ref WireReader body)
    {
        var experimenter = body.UInt32();
        var subtype = body.UInt16();
        hash.Add(((ulong)experimenter << 16) | subtype);
        if (experimenter == Protocol.Nicira && subtype == ActionType.Conntrack)
        {
            hash.Add(body.Take(14));
            AddActions(ref hash, ref body);
        }
        else
        {
            hash.Add(body.Take(body.Left));
        }
    }

    private static void AddField(ref SipHash hash, OxmEntry field)
    {
        hash.Add(((ulong)field.OxmClass << 8) | field.OxmNumber);
        hash.Add((ulong)field.Value);
        hash.Add((ulong)field.Mask);
        if (field.Field is not { Bits: <= 64 })
        {
            hash.Add((ulong)(field.Value >> 64));
            hash.Add((ulong)(field.Mask >> 64));
        }
    }
}
