namespace Osc.Audit;

/// <summary>What can be recorded. docs/audit.md says when each is.</summary>
public static class AuditAction
{
    public const string DocumentCreate = "document.create";

    public const string DocumentUpdate = "document.update";

    public const string DocumentDelete = "document.delete";

    public const string RequestRefused = "request.refused";

    public const string RolloutStart = "rollout.start";

    public const string RolloutAck = "rollout.ack";

    public const string RolloutRefused = "rollout.refused";

    public const string DriftRepaired = "drift.repaired";

    public const string ConfigurationChange = "configuration.change";

    public const string ClockJump = "clock.jump";

    public const string AuditKey = "audit.key";

    public const string AuditExport = "audit.export";

    public const string AuditArchive = "audit.archive";

    public const string AuditContradicted = "audit.contradicted";

    public const string AlarmRaise = "alarm.raise";

    public const string AlarmClear = "alarm.clear";

    public const string StoreRestore = "store.restore";

    public const string EnrolmentCode = "enrolment.code";

    public const string EnrolmentCertificate = "enrolment.certificate";

    public const string EnrolmentRenewal = "enrolment.renewal";

    public const string TokenMake = "token.make";

    public const string TokenRevoke = "token.revoke";

    public const string AccessNewAddress = "access.new-address";

    public const string EmergencyOpen = "emergency.open";

    public const string EmergencyClose = "emergency.close";

    public const string ProposalMake = "proposal.make";

    public const string ProposalApprove = "proposal.approve";

    public const string ProposalReject = "proposal.reject";

    public const string ProposalApply = "proposal.apply";
}
