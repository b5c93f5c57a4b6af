using System.Diagnostics;
using System.Threading.Channels;
using Osc.Audit;
using Osc.Controller.Metrics;
using Osc.Flows;
using Osc.Model;
using Osc.Policy;
using Osc.Policy.Compile;
using Osc.Policy.Incremental;
using Osc.Store;

namespace Osc.Controller.Loop;

/// <summary>
/// The single writer. Changes wait in a bounded queue and are worked on one by one: planned against the current snapshot
/// (parsed, validated and compiled before anything is written), committed to the store, and only then published to readers and
/// to delivery, and acknowledged.
/// <code>
/// submit → queue → plan ─→ commit (durable) ─→ publish snapshot ─→ delivery wakes ─→ acknowledge
///                   └ refused: taken back        └ failed: taken back
/// </code>
/// Whatever ends the process between two steps, the next start reads the store and is where it would have been.
/// A plan that is only asked for is worked out and taken back, between two changes.
/// </summary>
public sealed partial class PolicyLoop : BackgroundService
{
    private const int QueueLength = 1_000;

    private readonly Channel<Submission> queue = Channel.CreateBounded<Submission>(new BoundedChannelOptions(QueueLength) { SingleReader = true });

    /// <summary>Held by whoever uses the engine. The engine has the current snapshot worked out whenever it is free.</summary>
    private readonly Lock gate = new();
    private readonly PolicyStore store;
    private readonly ChangeWriter writer;
    private readonly ChangeLimits limits;
    private readonly ControllerMetrics metrics;
    private readonly TimeProvider time;
    private readonly ILogger<PolicyLoop> log;
    private readonly AssertionGate assertions = new();
    private PolicyEngine engine;
    private Snapshot current;

    /// <param name="start">What the store holds.</param>
    /// <param name="store">Where plans are made durable.</param>
    /// <param name="limits">What no change may pass.</param>
    /// <param name="metrics">Counts commits.</param>
    /// <param name="time">When answers were given.</param>
    /// <param name="log">Tells of commits and of what failed.</param>
    public PolicyLoop(LoadedSnapshot start, PolicyStore store, ChangeLimits limits, ControllerMetrics metrics, TimeProvider time, ILogger<PolicyLoop> log)
    {
        (current, engine) = (start.Snapshot, start.Engine);
        this.store = store;
        writer = new(store, start.Numberings);
        this.limits = limits;
        this.metrics = metrics;
        this.time = time;
        this.log = log;
    }

    /// <summary>Raised by the writer after each commit, when <see cref="Current"/> is already the new snapshot, in the order of revisions.</summary>
    public event Action<Plan>? Published;

    public Snapshot Current => Volatile.Read(ref current);

    /// <summary>What a change would do to the current snapshot. Assertions are not asked: a plan says which would not hold, a commit is refused for them.</summary>
    public ChangeOutcome Plan(Change change)
    {
        lock (gate)
        {
            return Trust(() =>
            {
                var outcome = new Planner(engine, limits).Plan(Current, change);
                if (outcome is ChangeOutcome.Accepted { Plan.ChangesNothing: false })
                {
                    engine.Revert();
                }

                return outcome;
            });
        }
    }

    /// <summary>All flows that a host shall have now; null if there is no such host.</summary>
    public HostFlows? FlowsOf(Name host)
    {
        lock (gate)
        {
            return Current.Host(host) is { } target ? engine.FlowsOf(host) with { Revision = target.Revision } : null;
        }
    }

    /// <summary>A host's flows and their numbers as they follow from a state; null if there is no such host, or the state is no longer the current one.</summary>
    public CompiledHost? CompiledOf(State state, Name host)
    {
        lock (gate)
        {
            return engine.State == state && FlowsOf(host) is { } flows ? new(flows, engine.NumberingOf(host)) : null;
        }
    }

    /// <summary>The numbers that a host's flows carry now; null if there is no such host.</summary>
    public HostNumbering? NumberingOf(Name host)
    {
        lock (gate)
        {
            return Current.Host(host) is null ? null : engine.NumberingOf(host);
        }
    }

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
        ChangeOutcome outcome;
        lock (gate)
        {
            outcome = Trust(() => Commit(submission));
        }

        if (outcome is ChangeOutcome.Accepted { Plan: { ChangesNothing: false } plan })
        {
            Published?.Invoke(plan);
            var took = Stopwatch.GetElapsedTime(started);
            metrics.Committed(plan, took);
            LogCommitted(plan.After.Revision.Number, plan.Documents.Count(s => s.Kind != StepKind.Unchanged), plan.Hosts.Count, submission.Origin.Actor, took.TotalMilliseconds);
        }

        return outcome;
    }

    private ChangeOutcome Commit(Submission submission)
    {
        if (submission.Change.Base is { } expected && expected != Current.Revision)
        {
            return new ChangeOutcome.Moved(Current.Revision);
        }

        var outcome = new Planner(engine, limits).Plan(Current, submission.Change);
        if (outcome is not ChangeOutcome.Accepted { Plan: { ChangesNothing: false } plan })
        {
            if (outcome is ChangeOutcome.Accepted { Plan: var same } && submission.Change.Answer is { } answer)
            {
                store.Access.KeepAnswer(answer(same), time.GetUtcNow());
            }

            return outcome;
        }

        if (FourEyes.Check(Current.State, submission.Change, plan.Documents) is { } missing)
        {
            engine.Revert();
            return missing;
        }

        if (assertions.Check(plan, submission.Change.Sources) is { Count: > 0 } broken)
        {
            engine.Revert();
            return new ChangeOutcome.Invalid(broken);
        }

        try
        {
            writer.Write(plan, submission.Change, submission.Origin, engine.NumberingOf);
        }
        catch (StoreException)
        {
            engine.Revert();
            throw;
        }

        engine.Accept();
        Volatile.Write(ref current, plan.After);
        return outcome;
    }

    /// <summary>Does something with the engine. What a bug leaves of it is not trusted: it is made anew from the snapshot and the stored numbers.</summary>
    private ChangeOutcome Trust(Func<ChangeOutcome> work)
    {
        try
        {
            return work();
        }
        catch (Exception e) when (e is not StoreException)
        {
            LogRebuilding(e.Message);
            engine = SnapshotLoader.Rebuild(store, Current.State);
            throw;
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "revision {Revision}: {Documents} documents, {Hosts} hosts, by {Actor}, {Milliseconds:F1} ms")]
    private partial void LogCommitted(long revision, int documents, int hosts, string actor, double milliseconds);

    [LoggerMessage(Level = LogLevel.Error, Message = "a change was not stored: {Reason}")]
    private partial void LogStoreFailed(string reason);

    [LoggerMessage(Level = LogLevel.Error, Message = "a change met a bug, so all hosts are worked out anew: {Reason}")]
    private partial void LogRebuilding(string reason);

    [LoggerMessage(Level = LogLevel.Debug, Message = "the writer stopped")]
    private partial void LogStopped();

    private sealed record Submission(Change Change, Origin Origin, CancellationToken Cancellation)
    {
        /// <summary>Its continuations must not run on the writer.</summary>
        public TaskCompletionSource<ChangeOutcome> Outcome { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
