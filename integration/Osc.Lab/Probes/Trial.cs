using Osc.Model;

namespace Osc.Lab.Probes;

/// <summary>A connection that was tried: what the meaning of the documents says, and what real packets met.</summary>
/// <param name="HasAgents">Whether agents are there, who tell the senders of rejected packets.</param>
public sealed record Trial(Station From, Station To, ProbedService Service, Connection Connection, Decision Expected, Observed Observed, bool HasAgents)
{
    /// <summary>Whether the network did what the documents mean.</summary>
    public bool Agrees => Expected.Verdict switch
    {
        Verdict.Allow => Observed == Observed.Answered,
        Verdict.Reject => Observed == (HasAgents ? Observed.Refused : Observed.Silent),
        _ => Observed == Observed.Silent,
    };

    public override string ToString() => $"{From.Name} -> {To.Name} {Connection}: expected {Expected.Verdict} (out {Expected.Out}, in {Expected.In}), observed {Observed}";
}
