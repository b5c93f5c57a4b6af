using System.Threading.Channels;
using Osc.Audit;
using Osc.Controller.Clocks;
using Osc.Controller.Configuration;
using Osc.Controller.Loop;
using Osc.Model.Documents;
using Osc.Policy;

namespace Osc.Controller.Names;

/// <summary>
/// Keeps the DnsName documents as DNS answers: asks for every name that a group has, again when its time to live is over, and
/// submits what changed like anybody else, so that it is stored, audited and delivered. Level-triggered: what groups have and what is known
/// is compared with the documents after every answer and every commit that could matter.
/// </summary>
public sealed partial class NameResolver(PolicyLoop loop, INameSource source, ControllerOptions options, TimeProvider time, ILogger<NameResolver> log) : BackgroundService
{
    private const int MaxAsking = 64;

    private static readonly TimeSpan RetryAfterRefusal = TimeSpan.FromSeconds(30);

    private readonly Channel<Arrival> arrivals = Channel.CreateUnbounded<Arrival>(new() { SingleReader = true });
    private readonly SteadyClock clock = new(time);
    private readonly NameTable table = new(options.Names);
    private DocumentSet? seen;
    private DateTimeOffset submitFrom = DateTimeOffset.MinValue;
    private int asking;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!options.Names.Resolve)
        {
            return;
        }

        await Task.Yield();
        loop.Published += Wake;
        await using var timer = time.CreateTimer(_ => arrivals.Writer.TryWrite(Arrival.Nothing), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        try
        {
            arrivals.Writer.TryWrite(Arrival.Nothing);
            while (await arrivals.Reader.WaitToReadAsync(stoppingToken))
            {
                await WorkAsync(timer, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            LogStopped();
        }
        finally
        {
            loop.Published -= Wake;
        }
    }

    private void Wake(Plan plan)
    {
        if (plan.Documents.Any(d => d.Key.Kind is Kind.SecurityGroup or Kind.DnsName))
        {
            arrivals.Writer.TryWrite(Arrival.Nothing);
        }
    }

    private async Task WorkAsync(ITimer timer, CancellationToken cancellation)
    {
        while (arrivals.Reader.TryRead(out var arrival))
        {
            if (arrival.Answer is { } answer)
            {
                asking--;
                table.Take(arrival.Fqdn, answer, clock.Now);
                Tell(arrival.Fqdn, answer);
            }
        }

        var state = loop.Current.State;
        Follow(state);
        await SubmitAsync(state, cancellation);
        foreach (var fqdn in table.TakeDue(clock.Now, MaxAsking - asking))
        {
            asking++;
            _ = AskAsync(fqdn, cancellation);
        }

        Set(timer);
    }

    private void Follow(State state)
    {
        if (!ReferenceEquals(seen, state.Documents))
        {
            table.Follow(state, clock.Now);
            seen = state.Documents;
        }
    }

    private async Task SubmitAsync(State state, CancellationToken cancellation)
    {
        var (put, delete) = table.ChangeOf(state.Documents);
        if (clock.Now < submitFrom || put.Count + delete.Count == 0)
        {
            return;
        }

        var outcome = await loop.SubmitAsync(new() { Put = put, Delete = delete, Backing = Backing.Controller }, Origin.Controller with { Reason = "DNS" }, cancellation);
        switch (outcome)
        {
            case ChangeOutcome.Accepted:
                break;
            case ChangeOutcome.Missing:
                arrivals.Writer.TryWrite(Arrival.Nothing); // somebody else deleted it in between
                break;
            default:
                LogRefused(outcome.ToString());
                submitFrom = clock.Now + RetryAfterRefusal;
                break;
        }
    }

    /// <summary>Never fails: what the source does not turn into an answer is a bug of it, told and taken for a failure to resolve.</summary>
    private async Task AskAsync(string fqdn, CancellationToken cancellation)
    {
        NameAnswer answer;
        try
        {
            answer = await source.AskAsync(fqdn, cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return;
        }
        catch (Exception e)
        {
            LogBug(e, fqdn);
            answer = new NameAnswer.Failed(e.Message);
        }

        arrivals.Writer.TryWrite(new(fqdn, answer));
    }

    private void Set(ITimer timer)
    {
        var now = clock.Now;
        var next = submitFrom > now ? submitFrom : (DateTimeOffset?)null;
        if (asking < MaxAsking && table.NextDue is { } due && !(next < due))
        {
            next = due;
        }

        timer.Change(next is { } at ? (at > now ? at - now : TimeSpan.Zero) : Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    private void Tell(string fqdn, NameAnswer answer)
    {
        if (answer is NameAnswer.Failed { Reason: var reason })
        {
            LogFailed(fqdn, reason);
        }
        else if (answer is NameAnswer.Addresses { Found.Count: var found } && found > options.Names.MaxAddresses)
        {
            LogTooMany(fqdn, found, options.Names.MaxAddresses);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Fqdn} cannot be resolved, its addresses stay as they were: {Reason}")]
    private partial void LogFailed(string fqdn, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Fqdn} has {Found} addresses, of which {Kept} are kept (names.maxAddresses)")]
    private partial void LogTooMany(string fqdn, int found, int kept);

    [LoggerMessage(Level = LogLevel.Warning, Message = "what DNS answers is not taken: {Outcome}")]
    private partial void LogRefused(string? outcome);

    [LoggerMessage(Level = LogLevel.Error, Message = "asking for {Fqdn} met a bug")]
    private partial void LogBug(Exception error, string fqdn);

    [LoggerMessage(Level = LogLevel.Debug, Message = "names are resolved no longer")]
    private partial void LogStopped();

    /// <summary>An answer; or nothing, just to look again.</summary>
    private readonly record struct Arrival(string Fqdn, NameAnswer? Answer)
    {
        public static readonly Arrival Nothing = new("", null);
    }
}
