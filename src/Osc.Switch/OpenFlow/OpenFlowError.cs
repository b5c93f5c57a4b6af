using System.Globalization;

namespace Osc.Switch.OpenFlow;

/// <summary>A switch's refusal (OpenFlow 1.5.1 section 7.5.4).</summary>
/// <param name="Experimenter">Whose error it is; 0 for OpenFlow's own.</param>
/// <param name="Type">OFPET_*; for an experimenter's error, its number there.</param>
/// <param name="Code">The reason within the type; 0 for an experimenter's error.</param>
public readonly record struct OpenFlowError(uint Experimenter, ushort Type, ushort Code)
{
    private const ushort ExperimenterType = 0xffff;

    /// <summary>The names by type, then by code, in the order of the specification.</summary>
    private static readonly string[][] Names =
    [
        ["OFPHFC_INCOMPATIBLE", "OFPHFC_EPERM"],
        ["OFPBRC_BAD_VERSION", "OFPBRC_BAD_TYPE", "OFPBRC_BAD_MULTIPART", "OFPBRC_BAD_EXPERIMENTER", "OFPBRC_BAD_EXP_TYPE", "OFPBRC_EPERM",
            "OFPBRC_BAD_LEN", "OFPBRC_BUFFER_EMPTY", "OFPBRC_BUFFER_UNKNOWN", "OFPBRC_BAD_TABLE_ID", "OFPBRC_IS_SLAVE", "OFPBRC_BAD_PORT",
            "OFPBRC_BAD_PACKET", "OFPBRC_MULTIPART_BUFFER_OVERFLOW", "OFPBRC_MULTIPART_REQUEST_TIMEOUT", "OFPBRC_MULTIPART_REPLY_TIMEOUT",
            "OFPBRC_MULTIPART_BAD_SCHED", "OFPBRC_PIPELINE_FIELDS_ONLY", "OFPBRC_UNKNOWN"],
        ["OFPBAC_BAD_TYPE", "OFPBAC_BAD_LEN", "OFPBAC_BAD_EXPERIMENTER", "OFPBAC_BAD_EXP_TYPE", "OFPBAC_BAD_OUT_PORT", "OFPBAC_BAD_ARGUMENT",
            "OFPBAC_EPERM", "OFPBAC_TOO_MANY", "OFPBAC_BAD_QUEUE", "OFPBAC_BAD_OUT_GROUP", "OFPBAC_MATCH_INCONSISTENT",
            "OFPBAC_UNSUPPORTED_ORDER", "OFPBAC_BAD_TAG", "OFPBAC_BAD_SET_TYPE", "OFPBAC_BAD_SET_LEN", "OFPBAC_BAD_SET_ARGUMENT",
            "OFPBAC_BAD_SET_MASK", "OFPBAC_BAD_METER"],
        ["OFPBIC_UNKNOWN_INST", "OFPBIC_UNSUP_INST", "OFPBIC_BAD_TABLE_ID", "OFPBIC_UNSUP_METADATA", "OFPBIC_UNSUP_METADATA_MASK",
            "OFPBIC_BAD_EXPERIMENTER", "OFPBIC_BAD_EXP_TYPE", "OFPBIC_BAD_LEN", "OFPBIC_EPERM", "OFPBIC_DUP_INST"],
        ["OFPBMC_BAD_TYPE", "OFPBMC_BAD_LEN", "OFPBMC_BAD_TAG", "OFPBMC_BAD_DL_ADDR_MASK", "OFPBMC_BAD_NW_ADDR_MASK", "OFPBMC_BAD_WILDCARDS",
            "OFPBMC_BAD_FIELD", "OFPBMC_BAD_VALUE", "OFPBMC_BAD_MASK", "OFPBMC_BAD_PREREQ", "OFPBMC_DUP_FIELD", "OFPBMC_EPERM"],
        ["OFPFMFC_UNKNOWN", "OFPFMFC_TABLE_FULL", "OFPFMFC_BAD_TABLE_ID", "OFPFMFC_OVERLAP", "OFPFMFC_EPERM", "OFPFMFC_BAD_TIMEOUT",
            "OFPFMFC_BAD_COMMAND", "OFPFMFC_BAD_FLAGS", "OFPFMFC_CANT_SYNC", "OFPFMFC_BAD_PRIORITY", "OFPFMFC_IS_SYNC"],
        ["OFPGMFC_GROUP_EXISTS", "OFPGMFC_INVALID_GROUP"],
        ["OFPPMFC_BAD_PORT", "OFPPMFC_BAD_HW_ADDR", "OFPPMFC_BAD_CONFIG", "OFPPMFC_BAD_ADVERTISE", "OFPPMFC_EPERM"],
        ["OFPTMFC_BAD_TABLE", "OFPTMFC_BAD_CONFIG", "OFPTMFC_EPERM"],
        ["OFPQOFC_BAD_PORT", "OFPQOFC_BAD_QUEUE", "OFPQOFC_EPERM"],
        ["OFPSCFC_BAD_FLAGS", "OFPSCFC_BAD_LEN", "OFPSCFC_EPERM"],
        ["OFPRRFC_STALE", "OFPRRFC_UNSUP", "OFPRRFC_BAD_ROLE", "OFPRRFC_ID_UNSUP", "OFPRRFC_ID_IN_USE"],
        ["OFPMMFC_UNKNOWN", "OFPMMFC_METER_EXISTS", "OFPMMFC_INVALID_METER", "OFPMMFC_UNKNOWN_METER"],
        ["OFPTFFC_BAD_TABLE", "OFPTFFC_BAD_METADATA"],
        ["OFPBPC_BAD_TYPE", "OFPBPC_BAD_LEN", "OFPBPC_BAD_VALUE", "OFPBPC_TOO_MANY", "OFPBPC_DUP_TYPE", "OFPBPC_BAD_EXPERIMENTER",
            "OFPBPC_BAD_EXP_TYPE", "OFPBPC_BAD_EXP_VALUE", "OFPBPC_EPERM"],
        ["OFPACFC_INVALID", "OFPACFC_UNSUPPORTED", "OFPACFC_EPERM"],
        ["OFPMOFC_UNKNOWN", "OFPMOFC_MONITOR_EXISTS", "OFPMOFC_INVALID_MONITOR", "OFPMOFC_UNKNOWN_MONITOR", "OFPMOFC_BAD_COMMAND",
            "OFPMOFC_BAD_FLAGS", "OFPMOFC_BAD_TABLE_ID", "OFPMOFC_BAD_OUT"],
        ["OFPBFC_UNKNOWN", "OFPBFC_EPERM", "OFPBFC_BAD_ID", "OFPBFC_BUNDLE_EXIST", "OFPBFC_BUNDLE_CLOSED", "OFPBFC_OUT_OF_BUNDLES",
            "OFPBFC_BAD_TYPE", "OFPBFC_BAD_FLAGS", "OFPBFC_MSG_BAD_LEN", "OFPBFC_MSG_BAD_XID", "OFPBFC_MSG_UNSUP", "OFPBFC_MSG_CONFLICT",
            "OFPBFC_MSG_TOO_MANY", "OFPBFC_MSG_FAILED", "OFPBFC_TIMEOUT", "OFPBFC_BUNDLE_IN_PROGRESS", "OFPBFC_SCHED_NOT_SUPPORTED",
            "OFPBFC_SCHED_FUTURE", "OFPBFC_SCHED_PAST"],
    ];

    /// <summary>Open vSwitch's own errors (ovs include/openvswitch/ofp-errors.h) that a flow of ours could meet.</summary>
    private static readonly Dictionary<ushort, string> NiciraNames = new()
    {
        [2] = "NXBRC_NXM_INVALID",
        [3] = "NXBRC_NXM_BAD_TYPE",
        [4] = "NXBRC_MUST_BE_ZERO",
        [10] = "NXBRC_UNENCODABLE_ERROR",
        [11] = "NXBAC_MUST_BE_ZERO",
        [12] = "NXFMFC_HARDWARE",
        [13] = "NXFMFC_BAD_TABLE_ID",
        [15] = "NXBAC_BAD_CONJUNCTION",
        [22] = "OFPBFC_BAD_VERSION",
        [42] = "NXBAC_CT_DATAPATH_SUPPORT",
        [43] = "NXBMC_CT_DATAPATH_SUPPORT",
    };

    /// <summary>The name of the specification; the numbers where it has none.</summary>
    public string Name =>
        Experimenter == Protocol.Nicira && NiciraNames.TryGetValue(Type, out var nicira) ? nicira
        : Experimenter != 0 ? string.Create(CultureInfo.InvariantCulture, $"error {Type} of experimenter 0x{Experimenter:x}")
        : Type < Names.Length && Code < Names[Type].Length ? Names[Type][Code]
        : string.Create(CultureInfo.InvariantCulture, $"error type {Type}, code {Code}");

    /// <summary>Reads the body of an error message.</summary>
    public static OpenFlowError Read(ref WireReader body)
    {
        var type = body.UInt16();
        var code = body.UInt16();
        return type == ExperimenterType ? new(body.UInt32(), code, 0) : new(0, type, code);
    }

    public override string ToString() => Name;
}
