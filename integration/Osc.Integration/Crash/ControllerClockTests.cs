using System.Globalization;
using System.Text.Json.Nodes;
using Osc.Integration.WholeSystem;
using Osc.Lab;
using Xunit;

namespace Osc.Integration.Crash;

/// <summary>The program osc-controller on a clock that is set back and ahead under load, and that stands further back at the next start (libfaketime): what it acknowledged is there, in order, and proves itself.</summary>
public sealed class ControllerClockTests
{
    private const int Clients = 3;

    /// <summary>By how many minutes the clock is off, one after the other. Fewer than an emergency or a key of a repeatable request lasts.</summary>
    private static readonly int[] Offsets = [0, -300, -60, -500, 60];

    [Fact]
    public async Task Clock_that_jumps_loses_and_reorders_nothing()
    {
        await using var space = await LabSpace.ClaimAsync("clock");
        var offset = Path.Combine(space.DirectoryPath, "offset");
        var environment = new Dictionary<string, string>
        {
            ["LD_PRELOAD"] = Library(),
            ["FAKETIME_TIMESTAMP_FILE"] = offset,
            ["FAKETIME_NO_CACHE"] = "1",
            ["FAKETIME_DONT_FAKE_MONOTONIC"] = "1", // it is what stays
        };
        var configuration = ControllerProcess.Configure(space.DirectoryPath);
        var random = new Random(Random.Shared.Next());
        var clients = Enumerable.Range(0, Clients).Select(c => new LoadClient(c, "clock", new(random.Next()))).ToArray();
        var founder = new LoadClient(Clients, "ground", random);
        var checker = new OutsideChecker(space.DirectoryPath, [.. clients, founder], random);

        SetClock(Offsets[0]);
        var (process, server) = await ControllerProcess.StartListeningAsync(space, configuration, environment);
        await using (process)
        {
            await founder.FoundAsync(server);
            using var http = LoadClient.Connect(server);
            await checker.HoldAsync(http);
            using var stop = new CancellationTokenSource();
            Task[] load = [.. clients.Select(c => c.RunAsync(server, stop.Token))];
            for (var jump = 1; jump < Offsets.Length; jump++)
            {
                SetClock(Offsets[jump]);
                await RunningSystem.UntilAsync("the jump is recorded", async () => (await JumpsAsync(http)).Length == jump);
            }

            await stop.CancelAsync();
            await Task.WhenAll(load);
            Assert.Equal(Offsets.Zip(Offsets.Skip(1), (from, to) => to - from), await JumpsAsync(http));
            await checker.CheckAsync(server);
            await process.KillAsync();
        }

        SetClock(-10_000);
        var (again, address) = await ControllerProcess.StartListeningAsync(space, configuration, environment);
        await using (again)
        {
            await checker.CheckAsync(address);
            using var http = LoadClient.Connect(address);
            Assert.True((await JumpsAsync(http))[^1] < -10_000);
        }

        void SetClock(int minutes) => WriteWhole(offset, string.Create(CultureInfo.InvariantCulture, $"{minutes:+0;-0}m\n"));
    }

    private static string Library() =>
        Directory.GetDirectories("/usr/lib", "*-linux-gnu*").Select(d => Path.Combine(d, "faketime", "libfaketimeMT.so.1")).FirstOrDefault(File.Exists)
        ?? throw new LabException("libfaketime is not installed: run scripts/setup");

    /// <summary>In minutes, in order.</summary>
    private static async Task<int[]> JumpsAsync(HttpClient http) =>
        [.. JsonNode.Parse(await http.GetStringAsync("audit?action=clock.jump&order=asc"))!["items"]!.AsArray().Select(r => (int)Math.Round((double)r!["after"]!["seconds"]! / 60))]; // a list has items

    /// <summary>Whoever reads it at the same time reads one or the other.</summary>
    private static void WriteWhole(string path, string text)
    {
        File.WriteAllText(path + ".new", text);
        File.Move(path + ".new", path, overwrite: true);
    }
}
