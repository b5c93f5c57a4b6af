using System.Diagnostics;
using Osc.Lab;
using Xunit;

namespace Osc.Integration.Crash;

/// <summary>The program osc-controller killed without warning while clients change things, while it starts and while it stops; held against what the clients remember.</summary>
public sealed class ControllerKillTests(ITestOutputHelper output)
{
    private const int Clients = 4;

    /// <summary>After so many kills a new store begins, so that the first start is killed too.</summary>
    private const int KillsOfStore = 20;

    private static readonly int Kills = TestScale.Times(4);

    private enum Moment
    {
        Load,
        Start,
        Stop,
    }

    [Fact]
    public async Task Controller_killed_anywhere_keeps_all_that_it_acknowledged_and_nothing_half()
    {
        await using var space = await LabSpace.ClaimAsync("crash");
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        var (kept, done, undone, records, took) = (0, 0, 0, 0L, Stopwatch.StartNew());
        var counts = new Dictionary<Moment, int>();
        for (var first = 0; first < Kills; first += KillsOfStore)
        {
            var round = await RoundAsync(space, first, Math.Min(KillsOfStore, Kills - first), random, counts);
            kept += round.Kept;
            done += round.Unanswered.Done;
            undone += round.Unanswered.Undone;
            records += round.Records;
        }

        output.WriteLine(
            $"seed {seed}: {counts.Values.Sum()} kills ({string.Join(", ", counts.Select(c => $"{c.Value} {c.Key}"))}) in {took.Elapsed.TotalSeconds:F0} s; {kept} acknowledged changes kept of {kept}; of those without an answer {done} were done and {undone} not; {records} audit records");
        Assert.True(kept > Kills, "next to nothing was acknowledged");
    }

    private static async Task<OutsideChecker> RoundAsync(LabSpace space, int first, int kills, Random random, Dictionary<Moment, int> counts)
    {
        var directory = Directory.CreateDirectory(Path.Combine(space.DirectoryPath, $"k{first}")).FullName;
        var configuration = ControllerProcess.Configure(directory);
        var clients = Enumerable.Range(0, Clients).Select(c => new LoadClient(c, $"k{first}", new(random.Next()))).ToArray();
        var founder = new LoadClient(Clients, "ground", random);
        var checker = new OutsideChecker(directory, [.. clients, founder], random);
        var starting = TimeSpan.FromSeconds(2);
        for (var kill = 0; kill < kills; kill++)
        {
            var moment = (Moment)((first + kill) % 4 % 3); // half of them under load
            if (moment == Moment.Start)
            {
                Count(Moment.Start);
                await using var unlucky = ControllerProcess.Start(space, configuration);
                await Task.Delay(starting * random.NextDouble());
                await unlucky.KillAsync();
            }

            var began = Stopwatch.GetTimestamp();
            var (process, server) = await ControllerProcess.StartListeningAsync(space, configuration);
            starting = Stopwatch.GetElapsedTime(began);
            await using (process)
            {
                if (kill == 0)
                {
                    await founder.FoundAsync(server);
                }

                await checker.CheckAsync(server);
                await LoadAndKillAsync(process, server, clients, checker, moment, random);
                Count(moment == Moment.Stop ? moment : Moment.Load);
            }
        }

        var (last, address) = await ControllerProcess.StartListeningAsync(space, configuration);
        await using (last)
        {
            await checker.CheckAsync(address);
        }

        return checker;

        void Count(Moment of) => counts[of] = counts.GetValueOrDefault(of) + 1;
    }

    private static async Task LoadAndKillAsync(ControllerProcess process, Uri server, LoadClient[] clients, OutsideChecker checker, Moment moment, Random random)
    {
        using var stop = new CancellationTokenSource();
        Task[] load = [.. clients.Select(c => c.RunAsync(server, stop.Token)), ReadAsync(server, checker, stop.Token)];
        await Task.Delay(random.Next(moment == Moment.Stop ? 400 : 1_000));
        if (moment == Moment.Stop)
        {
            await process.TerminateAsync();
            await Task.Delay(random.Next(200));
        }

        await process.KillAsync();
        await stop.CancelAsync();
        await Task.WhenAll(load);
    }

    /// <summary>Who takes the log away meanwhile, which leaves a record, and holds a checkpoint of each moment.</summary>
    private static async Task ReadAsync(Uri server, OutsideChecker checker, CancellationToken stop)
    {
        using var http = LoadClient.Connect(server);
        while (!stop.IsCancellationRequested)
        {
            await checker.HoldAsync(http);
            try
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, "audit?text=tcp");
                request.Headers.Add("Accept", "application/x-ndjson");
                using var export = await http.SendAsync(request, CancellationToken.None);
                LogReplay.Demand((int)export.StatusCode is 200 or 503, $"an export is answered {export.StatusCode}");
            }
            catch (Exception e) when (e is HttpRequestException or IOException)
            {
                return;
            }
        }
    }
}
