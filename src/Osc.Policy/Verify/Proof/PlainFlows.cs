using Osc.Flows;
using Osc.Flows.Pipeline;
using Osc.Model;

namespace Osc.Policy.Verify.Proof;

/// <summary>
/// Flows as they would be if no connection went through appliances. All but the ways through appliances is proven of these;
/// that they leave nothing else out, and that the ways are right, is for <see cref="InspectionProof"/>.
/// </summary>
internal static class PlainFlows
{
    /// <summary>What an open connection's packets take along to delivery.</summary>
    public static readonly IReadOnlyList<Move> Remembered =
    [
        Bits(Field.CtLabel, 24, Registers.OutRule, 24, 8), Bits(Field.CtLabel, 56, Registers.InRule, 24, 8),
        Bits(Field.CtLabel, 64, Registers.SourceOwner, 0, 16), Bits(Field.CtLabel, 80, Registers.DestinationOwner, 0, 16),
        Direction,
    ];

    /// <summary>A packet's direction, which connection tracking knows no more after a commit.</summary>
    public static Move Direction => Bits(Field.CtState, 3, Registers.Flags, 4, 1);

    /// <summary>What marks packets that leave a bridge to come back.</summary>
    public static SetField LeavesToComeBack => new(Registers.Flags, Registers.ComesBack, Registers.ComesBack);

    public static FlowSet Of(FlowSet flows) => FlowSet.Of(flows.Select(Of).OfType<Flow>());

    public static BridgeDelta Of(BridgeDelta delta) => new(delta.Bridge, delta.Remove.Select(Of).OfType<Flow>().ToValueList(), delta.Add.Select(Of).OfType<Flow>().ToValueList());

    /// <summary>null: there would be no such flow.</summary>
    public static Flow? Of(Flow flow) => flow.Table switch
    {
        _ when IsWay(flow) => null,
        _ when flow.Table == PipelineTable.Connection.Id => Without(flow, a => a is Move move && Remembered.Contains(move)),
        _ when flow.Table == PipelineTable.Commit.Id => Without(flow, a => a is Move move && move == Direction),
        _ when flow.Table != PipelineTable.DeliveryGuard.Id => flow,
        _ when flow.Match.Find(Registers.SourceOwner) is not null || flow.Match.Find(Registers.DestinationOwner) is not null => null,
        _ => Past(Without(flow, a => a is SetField set && set == LeavesToComeBack)),
    };

    /// <summary>Whether a flow is one of the ways through appliances.</summary>
    public static bool IsWay(Flow flow) =>
        (flow.Table > PipelineTable.DeliveryGuard.Id && flow.Table < PipelineTable.Forward.Id)
        || (flow.Table == PipelineTable.Ingress.Id && flow.Actions.Any(a => a is GotoTable { Table: > 40 and < 50 }));

    private static Flow Past(Flow flow) => flow with
    {
        Actions = [.. flow.Actions.Select(a => a is GotoTable next && next.Table == PipelineTable.Inspect.Id ? new GotoTable(PipelineTable.Forward.Id) : a)],
    };

    private static Flow Without(Flow flow, Func<FlowAction, bool> isLeftOut) =>
        flow.Actions.Any(isLeftOut) ? flow with { Actions = [.. flow.Actions.Where(a => !isLeftOut(a))] } : flow;

    private static Move Bits(Field source, int from, Field destination, int to, int count) => new(new(source, from, count), new(destination, to, count));
}
