using Osc.Model;
using Osc.Policy;
using Osc.Policy.Decisions;

namespace Osc.Lab.Probes;

/// <summary>Tries every pair of a lab's workloads with every service and both families, and holds the result against the meaning of the documents.</summary>
public sealed class Matrix : IAsyncDisposable
{
    private const int AtOnce = 128;
    private const int Retries = 2;
    private const int RetriesAtOnce = 8;
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);

    /// <summary>More than TCP's first retransmission, one second.</summary>
    private static readonly TimeSpan RetryPatience = TimeSpan.FromMilliseconds(2500);

    private readonly PolicyLab lab;
    private readonly Dictionary<Station, Responder> responders;
    private readonly bool hasAgents;

    private Matrix(PolicyLab lab, bool hasAgents, Dictionary<Station, Responder> responders)
    {
        this.lab = lab;
        this.hasAgents = hasAgents;
        this.responders = responders;
    }

    /// <summary>Starts answering at every station, on all ports that the state's documents name.</summary>
    /// <param name="hasAgents">Whether agents have the switches, or only flows are there.</param>
    public static Matrix Open(PolicyLab lab, State state, bool hasAgents)
    {
        var services = ProbePlan.Services(state).Select(s => (s.Protocol, s.Port)).ToArray();
        return new(lab, hasAgents, lab.Stations.ToDictionary(s => s, s => Responder.Start(s, services)));
    }

    /// <summary>
    /// Tries everything, many at once. Silence where an answer was expected is tried again with more patience, so that a busy
    /// machine does not decide; a packet that came through where none should is never tried again.
    /// </summary>
    /// <param name="state">What is expected; its services must be among those that <see cref="Open"/> was given.</param>
    public async Task<IReadOnlyList<Trial>> TryAsync(State state)
    {
        foreach (var responder in responders.Values)
        {
            responder.Forget();
        }

        var planned = ProbePlan.Connections(lab, state)
            .Select(c => new Trial(c.From, c.To, c.Service, c.Connection, Decider.Decide(state, c.Connection), Observed.Silent, hasAgents))
            .Where(t => t.Expected.Verdict == Verdict.Allow || !IsOpenFromTheOtherEnd(state, t))
            .ToArray();
        var trials = await ForEachAsync(planned, AtOnce, t => TryAsync(t, Patience));
        for (var i = 0; i < Retries && trials.Any(IsDoubtful); i++)
        {
            trials = await ForEachAsync(trials, RetriesAtOnce, t => IsDoubtful(t) ? TryAsync(t, RetryPatience) : Task.FromResult(t));
        }

        return trials;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var responder in responders.Values)
        {
            await responder.DisposeAsync();
        }
    }

    /// <summary>
    /// Without ports, what goes one way and what goes the other are one connection to the switch's connection tracking: what
    /// the other end may begin, this one may answer, unasked too. SCTP is such a protocol to the userspace datapath, whatever its
    /// ports, so where the other end may begin any of it, packets of this end are taken for answers.
    /// </summary>
    private static bool IsOpenFromTheOtherEnd(State state, Trial trial)
    {
        var back = trial.Connection with { Source = trial.Connection.Destination, Destination = trial.Connection.Source };
        return trial.Connection.Protocol == IpProtocol.Sctp
            ? ProbePlan.Services(state).Where(s => s.Protocol == IpProtocol.Sctp).Any(s => IsAllowed(state, back with { DestinationPort = s.Port }))
            : !IpProtocol.HasPorts(trial.Connection.Protocol) && !IpProtocol.HasIcmpType(trial.Connection.Protocol) && IsAllowed(state, back);
    }

    private static bool IsAllowed(State state, Connection connection) => Decider.Decide(state, connection).Verdict == Verdict.Allow;

    private static bool IsDoubtful(Trial trial) => !trial.Agrees && (trial.Expected.Verdict != Verdict.Drop || trial.Observed == Observed.Refused);

    private async Task<Trial> TryAsync(Trial trial, TimeSpan patience)
    {
        var observed = await Prober.ProbeAsync(trial.From, trial.Connection, patience);
        var arrived = observed == Observed.Silent && responders[trial.To].HeardFrom(trial.Connection.Source, trial.Service.Protocol, trial.Service.Port);
        return trial with { Observed = arrived ? Observed.Arrived : observed };
    }

    private static async Task<Trial[]> ForEachAsync(IReadOnlyList<Trial> trials, int atOnce, Func<Trial, Task<Trial>> attempt)
    {
        var results = new Trial[trials.Count];
        await Parallel.ForAsync(0, trials.Count, new ParallelOptions { MaxDegreeOfParallelism = atOnce }, async (i, _) => results[i] = await attempt(trials[i]));
        return results;
    }
}
