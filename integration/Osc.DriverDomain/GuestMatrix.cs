using System.Globalization;
using System.Text;
using Osc.Lab.Probes;
using Osc.Model;
using Osc.Policy;
using Osc.Policy.Decisions;

namespace Osc.DriverDomain;

/// <summary>A connection that guests tried, against the meaning of the documents.</summary>
internal sealed record Cell(Guest From, Guest To, ProbedService Service, Connection Connection, Verdict Expected, Observed Observed)
{
    public bool Agrees => Observed == (Expected switch
    {
        Verdict.Allow => Observed.Answered,
        Verdict.Reject => Observed.Refused,
        _ => Observed.Silent,
    });

    /// <summary>Whether slowness could be the reason that they do not agree: of the packets, or of the answer that says where a neighbour is, without which Linux refuses by itself.</summary>
    public bool IsDoubtful => !Agrees && (Expected != Verdict.Drop || Observed == Observed.Refused);

    /// <summary>A letter where they agree, else expected/observed.</summary>
    public string Text => Agrees ? Letter(Expected) : $"{Letter(Expected)}/{Observed switch { Observed.Answered => "A", Observed.Refused => "R", Observed.Arrived => "a", _ => "." }}";

    private static string Letter(Verdict verdict) => verdict switch { Verdict.Allow => "A", Verdict.Reject => "R", _ => "." };
}

/// <summary>Every service of the documents, both families, between every two workloads, with real packets.</summary>
internal static class GuestMatrix
{
    public const string Legend = "A allowed and answered, R rejected and told so, . dropped; IPv4 then IPv6; A/. expected/observed where they disagree";

    private const int Seconds = 4;
    private const int Retries = 2;
    private const int RetrySeconds = 20;
    private const byte EchoRequestV4 = 8;
    private const byte EchoRequestV6 = 128;

    private static readonly QualifiedName Vrf = QualifiedName.Parse("lab/default");

    /// <summary>
    /// Tries everything, a workload's connections all at once. Silence where an answer was expected is tried again, and a refusal where silence was, so that
    /// an emulated machine's slowness does not decide; a packet that came through where none should is never tried again.
    /// </summary>
    /// <param name="verdict">What is expected of a connection.</param>
    public static async Task<IReadOnlyList<Cell>> TryAsync(
        IReadOnlyList<Guest> guests, IReadOnlyList<ProbedService> services, Func<Connection, Verdict> verdict, CancellationToken cancellation)
    {
        await Task.WhenAll(guests.Select(g => g.ForgetAsync(cancellation)));
        var planned = from @from in guests from to in guests where @from != to from service in services from cell in Plan(@from, to, service, verdict) select cell;
        var cells = await AskAsync(planned, Seconds, cancellation);
        for (var i = 0; i < Retries && cells.Any(c => c.IsDoubtful); i++)
        {
            var again = (await AskAsync(cells.Where(c => c.IsDoubtful), RetrySeconds, cancellation)).ToDictionary(c => (c.From, c.To, c.Connection));
            cells = [.. cells.Select(c => again.GetValueOrDefault((c.From, c.To, c.Connection), c))];
        }

        var heard = new Dictionary<Guest, IReadOnlySet<string>>();
        foreach (var guest in guests)
        {
            heard[guest] = await guest.HeardAsync(cancellation);
        }

        return [.. cells.Select(c => c.Observed == Observed.Silent && heard[c.To].Contains($"{c.Service.Port} {c.Connection.Source}") ? c with { Observed = Observed.Arrived } : c)];
    }

    /// <summary>Tries connections, one workload's after the other's.</summary>
    private static async Task<IReadOnlyList<Cell>> AskAsync(IEnumerable<Cell> cells, int seconds, CancellationToken cancellation)
    {
        var asked = new List<Cell>();
        foreach (var some in cells.GroupBy(c => c.From))
        {
            var answers = await some.Key.AskAsync([.. some.Select(Question)], seconds, cancellation);
            asked.AddRange(some.Zip(answers, (cell, answer) => cell with
            {
                Observed = answer switch { "answered" => Observed.Answered, "refused" => Observed.Refused, _ => Observed.Silent },
            }));
        }

        return asked;
    }

    /// <summary>What the documents mean.</summary>
    public static Func<Connection, Verdict> MeaningOf(State state) => connection => Decider.Decide(state, connection).Verdict;

    public static string Print(IReadOnlyList<Cell> cells)
    {
        var services = cells.Select(c => c.Service).Distinct().ToArray();
        var text = new StringBuilder($"{"",-12}{string.Concat(services.Select(s => $"{s,10}"))}\n");
        foreach (var pair in cells.GroupBy(c => $"{c.From.Name} -> {c.To.Name}"))
        {
            text.Append(CultureInfo.InvariantCulture, $"{pair.Key,-12}{string.Concat(services.Select(s => $"{string.Concat(pair.Where(c => c.Service == s).Select(c => c.Text)),10}"))}\n");
        }

        return text.ToString();
    }

    private static IEnumerable<Cell> Plan(Guest from, Guest to, ProbedService service, Func<Connection, Verdict> verdict) =>
        from.Addresses.Zip(to.Addresses, (source, destination) =>
        {
            var connection = service != ProbedService.Echo ? new Connection(Vrf, source, destination, service.Protocol, service.Port)
                : source.IsIPv4 ? new(Vrf, source, destination, IpProtocol.Icmp, IcmpType: EchoRequestV4)
                : new(Vrf, source, destination, IpProtocol.IcmpV6, IcmpType: EchoRequestV6);
            return new Cell(from, to, service, connection, verdict(connection), Observed.Silent);
        });

    private static string Question(Cell cell) => cell.Service == ProbedService.Echo
        ? $"ping/{cell.Connection.Destination}"
        : string.Create(CultureInfo.InvariantCulture, $"{IpProtocol.NameOf(cell.Service.Protocol)}/{cell.Connection.Destination}/{cell.Service.Port}");
}
