namespace Osc.Controller.Tests;

/// <summary>A clock that stands still until it is told to go on, and may be set to another time, which timers and durations know nothing of; a timer that is due then fires once, and one that is set to no time at all fires at once.</summary>
internal sealed class ManualTime : TimeProvider
{
    private readonly Lock gate = new();
    private readonly List<ManualTimer> timers = [];
    private DateTimeOffset now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private TimeSpan ahead;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow()
    {
        lock (gate)
        {
            return now + ahead;
        }
    }

    public override long GetTimestamp()
    {
        lock (gate)
        {
            return now.Ticks;
        }
    }

    /// <summary>Sets what the clock shows, by so much.</summary>
    public void Set(TimeSpan by)
    {
        lock (gate)
        {
            ahead += by;
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, () => callback(state));
        timer.Change(dueTime, period);
        lock (gate)
        {
            timers.Add(timer);
        }

        return timer;
    }

    public void Advance(TimeSpan by)
    {
        List<ManualTimer> due;
        lock (gate)
        {
            now += by;
            due = [.. timers.Where(t => t.TakeIfDue(now))];
        }

        foreach (var timer in due)
        {
            timer.Fire();
        }
    }

    private sealed class ManualTimer(ManualTime time, Action fire) : ITimer
    {
        private DateTimeOffset? due;
        private TimeSpan every;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            if (dueTime == TimeSpan.Zero)
            {
                ThreadPool.QueueUserWorkItem(_ => Fire());
                dueTime = period > TimeSpan.Zero ? period : Timeout.InfiniteTimeSpan;
            }

            lock (time.gate)
            {
                due = dueTime == Timeout.InfiniteTimeSpan ? null : time.now + dueTime;
                every = period;
            }

            return true;
        }

        /// <summary>Whether the timer is due; it is set again if it fires again and again. Under the clock's lock.</summary>
        public bool TakeIfDue(DateTimeOffset at)
        {
            if (due is not { } moment || moment > at)
            {
                return false;
            }

            due = every > TimeSpan.Zero ? at + every : null;
            return true;
        }

        public void Fire() => fire();

        public void Dispose()
        {
            lock (time.gate)
            {
                time.timers.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
