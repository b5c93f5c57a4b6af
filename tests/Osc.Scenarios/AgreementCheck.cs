using Osc.Flows.Simulation;
using Osc.Model;
using Osc.Policy;
using Osc.Policy.Decisions;

namespace Osc.Scenarios;

/// <summary>Holds what the switches do with a connection against what <see cref="Decider"/> says of it.</summary>
public static class AgreementCheck
{
    /// <summary>
    /// Sends a connection's first packet, its reply and its next packet through the fleet.
    /// </summary>
    /// <param name="mayBeOpen">Whether the switches may know the connection already: then they need not say who decided it.</param>
    /// <returns>What does not agree; null if all does.</returns>
    public static string? Compare(SimulatedFleet fleet, Connection connection, bool mayBeOpen = false)
    {
        var ends = Ends.Of(fleet.State, connection);
        var decision = Decider.Decide(fleet.State, connection);
        var expected = Expect(fleet.State, ends, decision);
        var first = Packet.FirstOf(connection, default, default);
        var there = fleet.Send(ends.Source, ends.Destination, first);
        var actual = Describe(there, ends);
        if (mayBeOpen ? actual.Arrives != expected.Arrives || (actual.Arrives && actual.Through != expected.Through) : actual != expected)
        {
            return Report(fleet, connection, decision, $"first packet: expected {expected}, was {actual}", there);
        }

        if (!there.Arrived || !Packet.HasReply(first))
        {
            return null;
        }

        var back = fleet.Send(ends.Destination, ends.Source, Packet.ReplyTo(first));
        if (!back.Arrived)
        {
            return Report(fleet, connection, decision, "the reply did not arrive", back);
        }

        var backwards = string.Join(' ', there.Visits.Reverse().Select(v => v with { IsBackwards = true }));
        if (string.Join(' ', back.Visits) != backwards)
        {
            return Report(fleet, connection, decision, $"the reply went through {string.Join(' ', back.Visits)}, not {backwards}", back);
        }

        var again = fleet.Send(ends.Source, ends.Destination, first);
        return again.Arrived && again.Visits.SequenceEqual(there.Visits) ? null : Report(fleet, connection, decision, "the next packet did not arrive, or by another way", again);
    }

    /// <summary>
    /// What the attached sides make of a connection. A side that is attached nowhere is enforced nowhere; a packet that
    /// the out side stops, or an appliance that is not there, never meets the in side on another bridge.
    /// </summary>
    private static Outcome Expect(State state, Ends ends, Decision decision)
    {
        var outSide = ends.Source?.Interface.Attachment is null ? null : decision.Out;
        var inSide = ends.Destination?.Interface.Attachment is null ? null : decision.In;
        var isOneBridge = outSide is not null && inSide is not null && PlaceOf(state, ends.Source) == PlaceOf(state, ends.Destination);
        var refusing = Refusing(outSide) ?? (isOneBridge ? Refusing(inSide) : null);
        var out1 = refusing is not null || outSide is null ? [] : Visits(state, ends.Source, isOneBridge ? [outSide, inSide!] : [outSide]); // there on one bridge
        var meetsIn = isOneBridge ? Refusing(outSide) is null : refusing is null && out1 is not null;
        refusing ??= meetsIn ? Refusing(inSide) : null;
        var in2 = isOneBridge || refusing is not null || out1 is null || inSide is null ? [] : Visits(state, ends.Destination, [inSide]);
        var passes = refusing is null && out1 is not null && in2 is not null;
        return new(passes, refusing?.Verdict == Verdict.Reject, NameOf(outSide), meetsIn ? NameOf(inSide) : null, string.Join(' ', (out1 ?? []).Concat(in2 ?? [])));
    }

    private static SideDecision? Refusing(SideDecision? side) => side is null || side.Verdict == Verdict.Allow ? null : side;

    private static IReadOnlyList<Visit>? Visits(State state, PlacedInterface? at, IEnumerable<SideDecision> sides)
    {
        var (host, bridge) = PlaceOf(state, at);
        return Appliances.Expected(state, host, bridge, sides);
    }

    private static (Name Host, PortName Bridge) PlaceOf(State state, PlacedInterface? end) =>
        end?.Interface.Attachment is { } at && state.Host(at.Host)?.BridgeOf(at) is { } bridge ? (at.Host, bridge.Name) : throw new InvalidOperationException($"{end} is attached nowhere");

    private static Outcome Describe(Journey journey, Ends ends) => new(
        journey.Arrived,
        journey.Rejected,
        ends.Source?.Interface.Attachment is null ? null : journey.DecidedOut,
        journey.DecidedIn,
        string.Join(' ', journey.Visits));

    private static string? NameOf(SideDecision? side) => side is null ? null : side.Rule?.ToString() ?? "default";

    private static string Report(SimulatedFleet fleet, Connection connection, Decision decision, string what, Journey journey) =>
        $"{connection}\n{what}\ndecision: {decision}\n{journey}\nrevision {fleet.State.Revision}";

    private sealed record Outcome(bool Arrives, bool Rejected, string? Out, string? In, string Through);
}

/// <summary>The two ends of a connection: the interfaces that own its addresses, null for addresses that no workload has.</summary>
public readonly record struct Ends(PlacedInterface? Source, PlacedInterface? Destination)
{
    public static Ends Of(State state, Connection connection) =>
        new(state.OwnerOf(connection.Vrf, connection.Source), state.OwnerOf(connection.Vrf, connection.Destination));

    /// <summary>Whether any switch sees the connection at all.</summary>
    public bool AreSeen => Source?.Interface.Attachment is not null || Destination?.Interface.Attachment is not null;

    /// <summary>A packet from an address to itself never leaves its workload.</summary>
    public bool AreApart => Source != Destination;
}
