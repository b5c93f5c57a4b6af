using System.Globalization;
using System.Text.RegularExpressions;
using Osc.Audit;
using Osc.Integration.WholeSystem;
using Osc.Lab;
using Osc.Store;
using Xunit;

namespace Osc.Integration.Crash;

/// <summary>
/// The program osc-controller on a disk that is really full: changes are refused with what to do, reading goes on, and writing does when there is room again. What it
/// acknowledged is there afterwards, as it is when it is killed on the full disk.
/// </summary>
public sealed partial class ControllerDiskFullTests(ITestOutputHelper output)
{
    private const int Clients = 3;
    private const int Megabytes = 12;
    private const int Refusals = 20;
    private const string Full = "cannot grow, the disk is full: make room and try again";

    private static readonly int Runs = TestScale.Times(2);

    [Fact]
    public async Task Full_disk_refuses_changes_and_loses_none()
    {
        await using var space = await LabSpace.ClaimAsync("full");
        var random = new Random(Random.Shared.Next());
        var (kept, refused, records, starts) = (0, 0, 0L, 0);
        for (var run = 0; run < Runs; run++)
        {
            var directory = Directory.CreateDirectory(Path.Combine(space.DirectoryPath, $"f{run}")).FullName;
            var disk = await SmallDisk.MountAsync(space, $"disk{run}", Megabytes);
            var configuration = ControllerProcess.Configure(directory, disk.Inside);
            var clients = Enumerable.Range(0, Clients).Select(c => new LoadClient(c, $"f{run}", new(random.Next()))).ToArray();
            var founder = new LoadClient(Clients, "ground", random);
            var checker = new OutsideChecker(directory, [.. clients, founder], random);

            await StartWithoutRoomAsync(disk, configuration, random);
            disk.MakeRoom();
            var (process, server) = await ControllerProcess.StartListeningAsync(disk, configuration);
            await using (process)
            {
                await founder.FoundAsync(server);
                var byLoad = run % 2 == 1;
                disk.Fill(left: byLoad ? random.Next(200_000, 1_000_000) : random.Next(100_000, 6_000_000));
                await FillUnderLoadAsync(disk, server, clients, checker, byLoad ? null : random);
                await checker.CheckAsync(server);

                await BackUpWithoutRoomAsync(disk, configuration);
                disk.Fill();
                await process.KillAsync();
            }

            starts += await StartAgainAsync(disk, configuration) ? 1 : 0;
            disk.MakeRoom();
            var (again, address) = await ControllerProcess.StartListeningAsync(disk, configuration);
            await using (again)
            {
                await checker.CheckAsync(address);
            }

            Assert.Empty(Directory.GetFiles(disk.Outside, "*.damaged*")); // a full disk is no damage
            (kept, refused, records) = (kept + checker.Kept, refused + checker.Refused, records + checker.Records);
        }

        output.WriteLine($"{Runs} full disks: {kept} acknowledged changes kept of {kept}, {refused} refused, {records} audit records; {starts} times started on the full disk after a kill, else refused to");
    }

    [Fact]
    public async Task Archive_without_room_moves_nothing_and_is_made_when_there_is_room()
    {
        await using var space = await LabSpace.ClaimAsync("full");
        var disk = await SmallDisk.MountAsync(space, "disk", Megabytes);
        var configuration = ControllerProcess.Configure(space.DirectoryPath, disk.Inside, keepDays: 1);
        var made = Path.Combine(space.DirectoryPath, "osc.db");
        using (var store = PolicyStore.Open(made, new LongAgo()))
        {
            for (var i = 0; i < 20; i++)
            {
                store.AppendAudit([.. Enumerable.Range(0, 100).Select(_ => new AuditRecord { Time = LongAgo.Now, Actor = "alice", Action = AuditAction.RequestRefused, Outcome = string.Concat(Enumerable.Range(0, 8).Select(_ => Guid.NewGuid())) })]);
            }
        }

        File.Copy(made, Path.Combine(disk.Outside, "osc.db"));
        var (first, _) = await ControllerProcess.StartListeningAsync(disk, ControllerProcess.Configure(space.DirectoryPath, disk.Inside));
        await using (first)
        {
            await first.TerminateAsync();
            await first.EndAsync();
        }

        ControllerProcess.Configure(space.DirectoryPath, disk.Inside, keepDays: 1);
        disk.Fill(left: 250_000); // enough to start, and not for a file of 2,000 records that cannot be compressed to less than 256 bytes each
        var (process, server) = await ControllerProcess.StartListeningAsync(disk, configuration);
        await using (process)
        {
            await RunningSystem.UntilAsync("archiving fails", () => Task.FromResult(process.Log.Contains("are not archived: ", StringComparison.Ordinal)));
            Assert.Empty(Directory.GetFiles(Path.Combine(disk.Outside, "osc.db.audit-archive")));
            using var http = LoadClient.Connect(server);
            Assert.Equal("1", FirstOf(await http.GetStringAsync("audit?order=asc&limit=1")));
            await process.TerminateAsync();
            await process.EndAsync();
        }

        disk.MakeRoom();
        var (again, address) = await ControllerProcess.StartListeningAsync(disk, configuration);
        await using (again)
        {
            await RunningSystem.UntilAsync("records are archived", () => Task.FromResult(again.Log.Contains(" are archived in ", StringComparison.Ordinal)));
            var archive = Assert.Single(Directory.GetFiles(Path.Combine(disk.Outside, "osc.db.audit-archive")));
            var checkpoint = Path.Combine(space.DirectoryPath, "checkpoint");
            var verified = await ProgramRun.OfAsync("osc", ["audit", "verify", "--server", address.ToString(), "--checkpoint", checkpoint], Token);
            Assert.Equal((0, ""), (verified.ExitCode, verified.Error));
            var export = Path.Combine(space.DirectoryPath, "export.ndjson");
            await File.WriteAllTextAsync(export, (await ProgramRun.OfAsync("osc", ["audit", "export", "--server", address.ToString()], Token)).Output, TestContext.Current.CancellationToken);
            verified = await ProgramRun.OfAsync("osc", ["audit", "verify", archive, export, "--checkpoint", checkpoint]);
            Assert.Equal((0, ""), (verified.ExitCode, verified.Error));
        }
    }

    private static Dictionary<string, string> Token => new() { ["OSC_TOKEN"] = ControllerProcess.Admin };

    private static string FirstOf(string page) => FirstSequence().Match(page).Groups[1].Value;

    /// <summary>A new controller on a disk with little or no room says so and leaves nothing that is in the way.</summary>
    private static async Task StartWithoutRoomAsync(SmallDisk disk, string configuration, Random random)
    {
        disk.Fill(left: random.Next(0, 200_000));
        await using var process = ControllerProcess.Start(disk, configuration);
        Assert.Null(await process.AddressAsync());
        var (exitCode, error) = await process.EndAsync();
        AssertSaysWhy(exitCode, error);
    }

    /// <returns>Whether it started.</returns>
    private static async Task<bool> StartAgainAsync(SmallDisk disk, string configuration)
    {
        await using var process = ControllerProcess.Start(disk, configuration);
        if (await process.AddressAsync() is not null)
        {
            return true;
        }

        var (exitCode, error) = await process.EndAsync();
        AssertSaysWhy(exitCode, error);
        return false;
    }

    private static void AssertSaysWhy(int exitCode, string error)
    {
        Assert.True(exitCode is 2 or 3 && SaysFull().IsMatch(error), $"{exitCode}: {error}");
    }

    /// <summary>The disk gets full, clients are refused, and go on when there is room.</summary>
    /// <param name="moment">Fills it at a random moment of the load; null: the load does.</param>
    private static async Task FillUnderLoadAsync(SmallDisk disk, Uri server, LoadClient[] clients, OutsideChecker checker, Random? moment)
    {
        using var stop = new CancellationTokenSource();
        using var http = LoadClient.Connect(server);
        await checker.HoldAsync(http);
        Task[] load = [.. clients.Select(c => c.RunAsync(server, stop.Token))];
        var full = Task.Run(async () =>
        {
            await Task.Delay(moment?.Next(800) ?? 0);
            while (clients.Sum(c => c.RefusedActs) < Refusals)
            {
                if (moment is not null)
                {
                    disk.Fill();
                }

                await ReadAsync(http);
            }
        });
        await await Task.WhenAny([full, .. load]);
        Assert.True(full.IsCompletedSuccessfully, "a client ended");

        disk.MakeRoom();
        var done = clients.Select(c => c.DoneActs).ToArray();
        await RunningSystem.UntilAsync("all clients go on", () => Task.FromResult(clients.Zip(done).All(c => c.First.DoneActs > c.Second + 1)));
        await stop.CancelAsync();
        await Task.WhenAll(load);
        Assert.All(clients.SelectMany(c => c.Acts).Where(a => a.End == ActEnd.Refused), a => Assert.Contains(Full, a.Answer!, StringComparison.Ordinal)); // it was answered
    }

    /// <summary>Reading goes on; what needs a record of its own, as an export does, is refused like a change.</summary>
    private static async Task ReadAsync(HttpClient http)
    {
        foreach (var path in new[] { "documents?limit=10", "audit?limit=10", "revisions?limit=10", "hosts", "auth/tokens" })
        {
            using var answer = await http.GetAsync(path);
            Assert.True(answer.IsSuccessStatusCode, $"{path}: {answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
        }

        using var export = new HttpRequestMessage(HttpMethod.Get, "audit");
        export.Headers.Add("Accept", "application/x-ndjson");
        using var refused = await http.SendAsync(export);
        Assert.True(refused.IsSuccessStatusCode || ((int)refused.StatusCode == 503 && (await refused.Content.ReadAsStringAsync()).Contains(Full, StringComparison.Ordinal)), $"an export is answered {refused.StatusCode}");
    }

    private static async Task BackUpWithoutRoomAsync(SmallDisk disk, string configuration)
    {
        disk.Fill(left: 100_000);
        var target = Path.Combine(disk.Inside, "backup.db");
        var (exitCode, error) = await BackUpAsync(disk, configuration, target);
        Assert.Equal((3, $"osc-controller: the store {target} {Full}\n"), (exitCode, error));
        Assert.Empty(Directory.GetFiles(disk.Outside, "backup*"));

        disk.MakeRoom();
        Assert.Equal((0, ""), await BackUpAsync(disk, configuration, target));
        File.Delete(Path.Combine(disk.Outside, "backup.db"));
    }

    private static async Task<(int ExitCode, string Error)> BackUpAsync(SmallDisk disk, string configuration, string target)
    {
        using var process = disk.Start(ProgramRun.PathOf("osc-controller"), "--config", configuration, "--backup", target);
        process.StandardInput.Close();
        var (_, error) = (await process.StandardOutput.ReadToEndAsync(), await process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, error);
    }

    [GeneratedRegex("^osc-controller: .*(the disk is full|No space left on device|database or disk is full).*\n$")]
    private static partial Regex SaysFull();

    [GeneratedRegex("\"sequence\":([0-9]+)")]
    private static partial Regex FirstSequence();

    private sealed class LongAgo : TimeProvider
    {
        public static readonly DateTimeOffset Now = DateTimeOffset.Parse("2020-01-01T00:00:00Z", CultureInfo.InvariantCulture);

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
