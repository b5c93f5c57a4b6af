using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Osc.Controller.Api.Alarms;
using Osc.Controller.Api.Audit;
using Osc.Controller.Api.Documents;
using Osc.Controller.Api.Emergencies;
using Osc.Controller.Api.Enrolment;
using Osc.Controller.Api.Health;
using Osc.Controller.Api.Hosts;
using Osc.Controller.Api.Problems;
using Osc.Controller.Api.Proposals;
using Osc.Controller.Api.Revisions;
using Osc.Controller.Api.Rollouts;
using Osc.Controller.Api.Security;
using Osc.Controller.Api.Traffic;
using Osc.Controller.Loop;
using Osc.Model.Health;
using Osc.Policy.Explain;
using Osc.Policy.Planning;
using Osc.Policy.Reach;
using Osc.Store.Hosts;

namespace Osc.Controller.Api.Json;

/// <summary>How answers are written: camelCase, enumerations as camelCase strings.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    AllowDuplicateProperties = false,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    Converters = [typeof(CamelCase<StepKind>), typeof(CamelCase<HostState>), typeof(CamelCase<AlarmSeverity>), typeof(CamelCase<RolloutState>)])]
[JsonSerializable(typeof(Problem))]
[JsonSerializable(typeof(string[]))]
[JsonSerializable(typeof(Dictionary<string, string>))]
[JsonSerializable(typeof(PlanEffects))]
[JsonSerializable(typeof(EmergencyList))]
[JsonSerializable(typeof(ProposalAnswer))]
[JsonSerializable(typeof(ProposalList))]
[JsonSerializable(typeof(WhoAmIAnswer))]
[JsonSerializable(typeof(CanIAnswer))]
[JsonSerializable(typeof(TokenQuestion))]
[JsonSerializable(typeof(NewTokenAnswer))]
[JsonSerializable(typeof(TokenList))]
[JsonSerializable(typeof(ChangeAnswer))]
[JsonSerializable(typeof(DocumentPage))]
[JsonSerializable(typeof(BlameAnswer))]
[JsonSerializable(typeof(HostAnswer))]
[JsonSerializable(typeof(HostList))]
[JsonSerializable(typeof(EnrolmentCodeAnswer))]
[JsonSerializable(typeof(EnrolmentQuestion))]
[JsonSerializable(typeof(EnrolmentAnswer))]
[JsonSerializable(typeof(AlarmList))]
[JsonSerializable(typeof(RolloutAnswer))]
[JsonSerializable(typeof(RolloutList))]
[JsonSerializable(typeof(RevisionList))]
[JsonSerializable(typeof(AuditList))]
[JsonSerializable(typeof(CheckpointAnswer))]
[JsonSerializable(typeof(AuditKeyList))]
[JsonSerializable(typeof(InclusionAnswer))]
[JsonSerializable(typeof(ConsistencyAnswer))]
[JsonSerializable(typeof(PeaksAnswer))]
[JsonSerializable(typeof(AuditCountList))]
[JsonSerializable(typeof(ArchiveList))]
[JsonSerializable(typeof(ExplainAnswer))]
[JsonSerializable(typeof(ReachAnswer))]
[JsonSerializable(typeof(HealthAnswer))]
[JsonSerializable(typeof(RuleTrafficList))]
[JsonSerializable(typeof(ConnectionList))]
[JsonSerializable(typeof(TalkerList))]
[JsonSerializable(typeof(DropList))]
internal sealed partial class ApiJson : JsonSerializerContext;

/// <summary>The types above under the options that answers are written with.</summary>
internal static class AnswerJson
{
    /// <summary>The default encoder is meant for JSON inside HTML and would escape every quote; these answers are nobody's HTML (nosniff).</summary>
    public static readonly ApiJson Types = new(new(ApiJson.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, TypeInfoResolver = null });

    /// <summary>For answers that were kept and are read again: what is null was left out of them.</summary>
    public static readonly ApiJson Kept = new(new(Types.Options) { RespectRequiredConstructorParameters = false, TypeInfoResolver = null });
}

internal sealed class CamelCase<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.CamelCase)
    where T : struct, Enum;
