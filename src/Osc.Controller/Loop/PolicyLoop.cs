using System.Diagnostics;
using System.Threading.Channels;
using Osc.Audit;
using Osc.Controller.Metrics;
using Osc.Store;

namespace Osc.Controller.Loop;

/// <summary>
/// The single writer. Changes wait in a bounded queue and are worked on one by one: planned against the current snapshot
/// (parsed, validated and compiled before anything is written), committed to the store, and only then published to readers and
/// to delivery, and acknowledged.
/// <code>
/// submit → queue → plan ─→ commit (durable) ─→ publish snapshot ─→ delivery wakes ─→ acknowledge
///                   └ refused: nothing changed     └ failed: nothing changed
/// </code>
/// Whatever ends the process between two steps, the next start reads the store and is where it would have been.
/// </summary>
public sealed partial class PolicyLoop : BackgroundService
{
    private const int QueueLength = 1_000;

    private readonly Channel<Submission> queue = Channel.CreateBounded<Submission>(new BoundedChannelOptions(QueueLength) { SingleReader = true });
    private readonly Action<Plan, Origin> commit;
    private readonly ControllerMetrics metrics;
    private readonly ILogger<PolicyLoop> log;
    private Snapshot current;

    /// <param name="commit">Makes a plan durable, or throws <see cref="StoreException"/> and changes nothing.</param>
    public PolicyLoop(Snapshot start, Action<Plan, Origin> commit, ControllerMetrics metrics, ILogger<PolicyLoop> log)
    {
        current = start;
        this.commit = commit;
        this.metrics = metrics;
        this.log = log;
    }

    /// <summary>Raised by the writer after each commit, when <see cref="Current"/> is already the new snapshot.</summary>
    public event Action? Published;

    public Snapshot Current => Volatile.Read(ref current);

    /// <summary>What a change would do to the current snapshot.</summary>
    public ChangeOutcome Plan(Change change) => Planner.Plan(Current, change);

    /// <summary>Makes a change. Completes when it is durable and visible, or refused.</summary>
    /// <param name="cancellation">Withdraws the change as long as it waits; one that is being worked on is finished.</param>
    public async Task<ChangeOutcome> SubmitAsync(Change change, Origin origin, CancellationToken cancellation)
    {
        var submission = new Submission(change, origin, cancellation);
        return queue.Writer.TryWrite(submission)
            ? await submission.Outcome.Task
            : new ChangeOutcome.Unavailable(queue.Reader.Completion.IsCompleted ? "the controller is stopping" : $"{QueueLength} changes are waiting already");
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Off the caller's thread: work here is long and without a wait.
        await Task.Yield();
        try
        {
            await foreach (var submission in queue.Reader.ReadAllAsync(stoppingToken))
            {
                Work(submission);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            LogStopped();
        }
        finally
        {
            queue.Writer.TryComplete();
            while (queue.Reader.TryRead(out var waiting))
            {
                waiting.Outcome.TrySetResult(new ChangeOutcome.Unavailable("the controller is stopping"));
            }
        }
    }

    private void Work(Submission submission)
    {
        if (submission.Cancellation.IsCancellationRequested)
        {
            submission.Outcome.TrySetCanceled(submission.Cancellation);
            return;
        }

        try
        {
            submission.Outcome.TrySetResult(Apply(submission));
        }
        catch (StoreException e)
        {
            LogStoreFailed(e.Message);
            submission.Outcome.TrySetResult(new ChangeOutcome.Unavailable(e.Message));
        }
        catch (Exception e)
        {
            // A bug met by one change is that change's failure, answered with 500 and logged there; the loop goes on from the
            // last published snapshot, which it has not touched.
            submission.Outcome.TrySetException(e);
        }
    }

    private ChangeOutcome Apply(Submission submission)
    {
        var started = Stopwatch.GetTimestamp();
        var outcome = Planner.Plan(Current, submission.Change);
        if (outcome is not ChangeOutcome.Accepted { Plan: { ChangesNothing: false } plan })
        {
            return outcome;
        }

        commit(plan, submission.Origin);
        Volatile.Write(ref current, plan.After);
        Published?.Invoke();
        var took = Stopwatch.GetElapsedTime(started);
        metrics.Committed(plan, took);
        LogCommitted(plan.After.Revision.Number, plan.Documents.Count(s => s.Kind != StepKind.Unchanged), plan.Hosts.Count, submission.Origin.Actor, took.TotalMilliseconds);
        return outcome;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "revision {Revision}: {Documents} documents, {Hosts} hosts, by {Actor}, {Milliseconds:F1} ms")]
    private partial void LogCommitted(long revision, int documents, int hosts, string actor, double milliseconds);

    [LoggerMessage(Level = LogLevel.Error, Message = "a change was not stored: {Reason}")]
    private partial void LogStoreFailed(string reason);

    [LoggerMessage(Level = LogLevel.Debug, Message = "the writer stopped")]
    private partial void LogStopped();

    private sealed record Submission(Change Change, Origin Origin, CancellationToken Cancellation)
    {
        /// <summary>Its continuations must not run on the writer.</summary>
        public TaskCompletionSource<ChangeOutcome> Outcome { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
