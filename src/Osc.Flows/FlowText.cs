using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Text;
using Osc.Flows.Pipeline;
using Osc.Model;

namespace Osc.Flows;

/// <summary>
/// The text form of flows: lines that ovs-ofctl add-flows takes, in one canonical spelling, so that equal flows have equal
/// text. It is what people read, what digests are made of, and what goes over the bus and to disk. <see cref="FlowTextParser"/> reads it back.
/// </summary>
public static class FlowText
{
    /// <summary>Bits of ct_state in the order in which they are written (ovs-fields(7)).</summary>
    internal static readonly (string Name, uint Bit)[] CtStateBits =
        [("new", 1), ("est", 2), ("rel", 4), ("rpl", 8), ("inv", 16), ("trk", 32), ("snat", 64), ("dnat", 128)];

    /// <summary>The bits of ct_state that have a name.</summary>
    internal const uint CtStateMask = 0xff;

    /// <summary>How <see cref="Flows.ForgetInPort"/> is written: 0 is no port's number.</summary>
    internal const string ForgetInPort = "set_field:0->in_port";

    internal const string BundleLoadStart = "bundle_load(eth_src,0,active_backup,ofport,";

    internal const string BundleLoadMember = ",members:";

    /// <summary>Keywords that stand for dl_type, or for dl_type and nw_proto together.</summary>
    internal static readonly (string Name, ushort EthType, byte? IpProto)[] Protocols =
    [
        ("tcp", 0x0800, 6), ("udp", 0x0800, 17), ("sctp", 0x0800, 132), ("icmp", 0x0800, 1), ("ip", 0x0800, null),
        ("tcp6", 0x86dd, 6), ("udp6", 0x86dd, 17), ("sctp6", 0x86dd, 132), ("icmp6", 0x86dd, 58), ("ipv6", 0x86dd, null),
        ("arp", 0x0806, null),
    ];

    public static string Print(Flow flow)
    {
        var text = new StringBuilder(256);
        text.Append(CultureInfo.InvariantCulture, $"cookie=0x{flow.Cookie:x},table={flow.Table},priority={flow.Priority},");
        var before = text.Length;
        AppendMatch(text, flow.Match);
        if (text.Length > before)
        {
            text.Append(',');
        }

        text.Append("actions=");
        AppendActions(text, flow.Actions);
        return text.ToString();
    }

    public static string Print(Match match)
    {
        var text = new StringBuilder();
        AppendMatch(text, match);
        return text.ToString();
    }

    public static string Print(FlowAction action)
    {
        var text = new StringBuilder();
        AppendAction(text, action);
        return text.ToString();
    }

    public static string Print(Subfield subfield)
    {
        var (field, offset, bits) = (subfield.Field, subfield.Offset, subfield.Bits);
        return offset == 0 && bits == field.Bits ? field.NxmName + "[]"
            : bits == 1 ? string.Create(CultureInfo.InvariantCulture, $"{field.NxmName}[{offset}]")
            : string.Create(CultureInfo.InvariantCulture, $"{field.NxmName}[{offset}..{offset + bits - 1}]");
    }

    private static void AppendMatch(StringBuilder text, Match match)
    {
        var separator = "";
        if (match.InPort is { } port)
        {
            text.Append(CultureInfo.InvariantCulture, $"in_port=\"{port}\"");
            separator = ",";
        }

        var protocol = ProtocolOf(match);
        if (protocol.Name is not null)
        {
            text.Append(separator).Append(protocol.Name);
            separator = ",";
        }

        foreach (var entry in match.Fields)
        {
            if (protocol.Name is not null
                && (ReferenceEquals(entry.Field, Field.EthType) || (ReferenceEquals(entry.Field, Field.IpProto) && protocol.IpProto is not null)))
            {
                continue;
            }

            text.Append(separator).Append(entry.Field.Name).Append('=');
            AppendValue(text, entry.Field, entry.Value, entry.Mask);
            separator = ",";
        }
    }

    private static (string Name, ushort EthType, byte? IpProto) ProtocolOf(Match match)
    {
        var ethType = match.Find(Field.EthType);
        var ipProto = match.Find(Field.IpProto);
        foreach (var protocol in Protocols)
        {
            if (ethType is { IsExact: true } e && e.Value == protocol.EthType
                && (protocol.IpProto is null || (ipProto is { IsExact: true } p && p.Value == protocol.IpProto)))
            {
                return protocol;
            }
        }

        return default;
    }

    private static void AppendActions(StringBuilder text, ValueList<FlowAction> actions)
    {
        if (actions.Count == 0)
        {
            text.Append("drop");
            return;
        }

        for (var i = 0; i < actions.Count; i++)
        {
            if (i > 0)
            {
                text.Append(',');
            }

            AppendAction(text, actions[i]);
        }
    }

    private static void AppendAction(StringBuilder text, FlowAction action)
    {
        switch (action)
        {
            case Output output:
                text.Append(CultureInfo.InvariantCulture, $"output:\"{output.Port}\"");
                break;
            case SetField set:
                text.Append("set_field:");
                AppendValue(text, set.Field, set.Value, set.Mask);
                text.Append("->").Append(set.Field.Name);
                break;
            case Move move:
                text.Append(CultureInfo.InvariantCulture, $"move:{Print(move.Source)}->{Print(move.Destination)}");
                break;
            case Resubmit resubmit:
                text.Append(CultureInfo.InvariantCulture, $"resubmit(,{resubmit.Table})");
                break;
            case GotoTable next:
                text.Append(CultureInfo.InvariantCulture, $"goto_table:{next.Table}");
                break;
            case Conjunction conjunction:
                text.Append(CultureInfo.InvariantCulture, $"conjunction({conjunction.Id},{conjunction.Clause}/{conjunction.Clauses})");
                break;
            case Flows.ForgetInPort:
                text.Append(ForgetInPort);
                break;
            case PushVlan:
                text.Append("push_vlan:0x8100");
                break;
            case PopVlan:
                text.Append("pop_vlan");
                break;
            case Meter meter:
                text.Append(CultureInfo.InvariantCulture, $"meter:{meter.Id}");
                break;
            case ToController:
                text.Append("CONTROLLER:65535");
                break;
            case LogPacket log:
                text.Append(CultureInfo.InvariantCulture, $"controller(max_len={PacketLog.HeadBytes},id={PacketLog.ControllerId},meter_id={log.Meter})");
                break;
            case BundleLoad load:
                text.Append(BundleLoadStart).Append(Print(load.Destination)).Append(BundleLoadMember).Append(CultureInfo.InvariantCulture, $"\"{load.Port}\")");
                break;
            case Conntrack ct:
                AppendConntrack(text, ct);
                break;
            default:
                throw new ArgumentException($"no text for {action.GetType().Name}");
        }
    }

    private static void AppendConntrack(StringBuilder text, Conntrack ct)
    {
        text.Append("ct(");
        if (ct.Commit)
        {
            text.Append("commit,");
        }

        if (ct.Table is { } table)
        {
            text.Append(CultureInfo.InvariantCulture, $"table={table},");
        }

        text.Append(CultureInfo.InvariantCulture, $"zone={Print(ct.Zone)}");
        if (ct.Exec.Count > 0)
        {
            text.Append(",exec(");
            AppendActions(text, ct.Exec);
            text.Append(')');
        }

        text.Append(')');
    }

    private static void AppendValue(StringBuilder text, Field field, UInt128 value, UInt128 mask)
    {
        var exact = mask == field.FullMask;
        switch (field.Format)
        {
            case FieldFormat.CtState:
                foreach (var (name, bit) in CtStateBits)
                {
                    if ((mask & bit) != 0)
                    {
                        text.Append((value & bit) != 0 ? '+' : '-').Append(name);
                    }
                }

                break;
            case FieldFormat.Mac:
                text.Append(MacAddress.FromBits((ulong)value));
                if (!exact)
                {
                    text.Append('/').Append(MacAddress.FromBits((ulong)mask));
                }

                break;
            case FieldFormat.IPv4:
                text.Append(IpAddress.FromIPv4((uint)value));
                if (!exact)
                {
                    AppendIpMask(text, mask, 32, m => IpAddress.FromIPv4((uint)m).ToString());
                }

                break;
            case FieldFormat.IPv6:
                text.Append(IPv6Text(value));
                if (!exact)
                {
                    AppendIpMask(text, mask, 128, IPv6Text);
                }

                break;
            case FieldFormat.Decimal when exact:
                text.Append(value.ToString(CultureInfo.InvariantCulture));
                break;
            default:
                text.Append("0x").Append(value.ToString("x", CultureInfo.InvariantCulture));
                if (!exact)
                {
                    text.Append("/0x").Append(mask.ToString("x", CultureInfo.InvariantCulture));
                }

                break;
        }
    }

    private static void AppendIpMask(StringBuilder text, UInt128 mask, int bits, Func<UInt128, string> print)
    {
        var length = (int)UInt128.PopCount(mask);
        var contiguous = mask == (length == 0 ? 0 : (UInt128.MaxValue << (128 - length)) >> (128 - bits));
        text.Append('/').Append(contiguous ? length.ToString(CultureInfo.InvariantCulture) : print(mask));
    }

    /// <summary>Unlike <see cref="IpAddress"/>, a field of IPv6 addresses and its mask hold IPv4-mapped bits as any others.</summary>
    private static string IPv6Text(UInt128 bits)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, bits);
        return new IPAddress(bytes).ToString();
    }
}
