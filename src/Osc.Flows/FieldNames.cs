using System.Collections.Frozen;

namespace Osc.Flows;

/// <summary>The NXM and OXM names of the fields that actions name by subfield (ovs-actions(7)).</summary>
internal static class FieldNames
{
    private static readonly FrozenDictionary<string, string> Names = new Dictionary<string, string>
    {
        ["dl_src"] = "NXM_OF_ETH_SRC",
        ["dl_dst"] = "NXM_OF_ETH_DST",
        ["vlan_vid"] = "OXM_OF_VLAN_VID",
        ["nw_src"] = "NXM_OF_IP_SRC",
        ["nw_dst"] = "NXM_OF_IP_DST",
        ["ipv6_src"] = "NXM_NX_IPV6_SRC",
        ["ipv6_dst"] = "NXM_NX_IPV6_DST",
        ["sctp_src"] = "OXM_OF_SCTP_SRC",
        ["sctp_dst"] = "OXM_OF_SCTP_DST",
        ["tun_id"] = "NXM_NX_TUN_ID",
        ["ct_state"] = "NXM_NX_CT_STATE",
        ["ct_zone"] = "NXM_NX_CT_ZONE",
        ["ct_mark"] = "NXM_NX_CT_MARK",
        ["ct_label"] = "NXM_NX_CT_LABEL",
        ["ct_nw_proto"] = "NXM_NX_CT_NW_PROTO",
        ["ct_nw_src"] = "NXM_NX_CT_NW_SRC",
        ["ct_nw_dst"] = "NXM_NX_CT_NW_DST",
        ["ct_ipv6_src"] = "NXM_NX_CT_IPV6_SRC",
        ["ct_ipv6_dst"] = "NXM_NX_CT_IPV6_DST",
        ["ct_tp_src"] = "NXM_NX_CT_TP_SRC",
        ["ct_tp_dst"] = "NXM_NX_CT_TP_DST",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly FrozenDictionary<string, string> FieldByNxmName =
        Field.All.Select(f => (Nxm: NxmNameOf(f), f.Name)).Where(p => p.Nxm.Length > 0).ToFrozenDictionary(p => p.Nxm, p => p.Name, StringComparer.Ordinal);

    /// <summary>The empty text where no action needs the field's NXM name.</summary>
    public static string NxmNameOf(Field field) =>
        Names.TryGetValue(field.Name, out var name) ? name
        : field.Name.StartsWith("xxreg", StringComparison.Ordinal) ? "NXM_NX_" + field.Name.ToUpperInvariant()
        : field.Name.StartsWith("xreg", StringComparison.Ordinal) ? "OXM_OF_PKT_REG" + field.Name[4..]
        : field.Name.StartsWith("reg", StringComparison.Ordinal) ? "NXM_NX_" + field.Name.ToUpperInvariant()
        : "";

    public static Field? Find(string nxmName) => FieldByNxmName.TryGetValue(nxmName, out var name) ? Field.Find(name) : null;
}
