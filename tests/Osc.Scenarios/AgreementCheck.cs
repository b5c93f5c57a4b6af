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
        var expected = Expect(ends, decision);
        var first = Packet.FirstOf(connection, default, default);
        var there = fleet.Send(ends.Source, ends.Destination, first);
        var actual = Describe(there, ends);
        if (mayBeOpen ? actual.Arrives != expected.Arrives : actual != expected)
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

        var again = fleet.Send(ends.Source, ends.Destination, first);
        return again.Arrived ? null : Report(fleet, connection, decision, "the next packet did not arrive", again);
    }

    /// <summary>
    /// What the attached sides make of a connection. A side that is attached nowhere is enforced nowhere; a packet that
    /// the out side stops never meets the in side.
    /// </summary>
    private static Outcome Expect(Ends ends, Decision decision)
    {
        var outSide = ends.Source?.Interface.Attachment is null ? null : decision.Out;
        var inSide = ends.Destination?.Interface.Attachment is null ? null : decision.In;
        var stopped = outSide is not null && outSide.Verdict != Verdict.Allow;
        var rejecting = stopped ? outSide : inSide;
        var passes = !stopped && (inSide is null || inSide.Verdict == Verdict.Allow);
        return new(passes, !passes && rejecting?.Verdict == Verdict.Reject, NameOf(outSide), stopped ? null : NameOf(inSide));
    }

    private static Outcome Describe(Journey journey, Ends ends) =>
        new(journey.Arrived, journey.Rejected, ends.Source?.Interface.Attachment is null ? null : journey.DecidedOut, journey.DecidedIn);

    private static string? NameOf(SideDecision? side) => side is null ? null : side.Rule?.ToString() ?? "default";

    private static string Report(SimulatedFleet fleet, Connection connection, Decision decision, string what, Journey journey) =>
        $"{connection}\n{what}\ndecision: {decision}\n{journey}\nrevision {fleet.State.Revision}";

    private sealed record Outcome(bool Arrives, bool Rejected, string? Out, string? In);
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
