using Osc.Model;

namespace Osc.Lab.Probes;

/// <summary>A connection that was tried: what the meaning of the documents says, and what real packets met.</summary>
public sealed record Trial(Station From, Station To, ProbedService Service, Connection Connection, Decision Expected, Observed Observed)
{
    /// <summary>
    /// Whether the network did what the documents mean. A rejected connection must not pass; whether its sender is told is
    /// the switch's to do as far as it can.
    /// </summary>
    public bool Agrees => Expected.Verdict switch
    {
        Verdict.Allow => Observed == Observed.Answered,
        Verdict.Reject => Observed is Observed.Refused or Observed.Silent,
        _ => Observed == Observed.Silent,
    };

    public override string ToString() => $"{From.Name} -> {To.Name} {Connection}: expected {Expected.Verdict} (out {Expected.Out}, in {Expected.In}), observed {Observed}";
}
