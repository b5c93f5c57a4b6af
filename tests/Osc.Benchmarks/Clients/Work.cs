namespace Osc.Benchmarks.Clients;

/// <summary>What a client does over and over: one of several things at a time, each as often as its weight says.</summary>
internal abstract class Work(Client client)
{
    private (int Weight, Func<CancellationToken, Task> Step)[]? steps;

    public Client Client => client;

    /// <summary>What there is to do.</summary>
    protected abstract IEnumerable<(int Weight, Func<CancellationToken, Task> Step)> Steps { get; }

    /// <summary>Works until it is stopped.</summary>
    /// <param name="pause">How long the client thinks between two things, on average; zero: it does not.</param>
    public virtual async Task RunAsync(TimeSpan pause, CancellationToken stop)
    {
        steps ??= [.. Steps];
        while (!stop.IsCancellationRequested)
        {
            await Next()(stop);
            if (pause > TimeSpan.Zero)
            {
                await Task.Delay(pause * -Math.Log(1 - client.Random.NextDouble()), stop).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            }
        }

        Func<CancellationToken, Task> Next()
        {
            var at = client.Random.Next(steps.Sum(s => s.Weight));
            return steps.First(s => (at -= s.Weight) < 0).Step;
        }
    }

    protected static (int Weight, Func<CancellationToken, Task> Step) Often(int weight, Func<Request> request, Client client) => (weight, stop => client.SendAsync(request(), stop));
}
