using System.Diagnostics;
using Dapper;
using Osc.Audit;
using Osc.Store.Revisions;
using Xunit;

namespace Osc.Store.Tests.Crash;

public sealed class DiskFullTests : IDisposable
{
    private const long NoLimit = uint.MaxValue - 1;

    private readonly TestStore test = new();

    public void Dispose() => test.Dispose();

    [Fact]
    public void Commit_without_room_fails_clearly_leaves_nothing_half_and_later_ones_go_on()
    {
        var failures = 0;
        for (var round = 0; round < 40; round++)
        {
            // A page more or less of room makes each round fail in another place.
            Limit(Pages() + (round % 8));
            var before = test.Store.Current;
            var failed = Record.Exception(() => test.Store.Commit(Workload.CommitOn(before)));
            if (failed is not null)
            {
                failures++;
                var refused = Assert.IsType<StoreException>(failed);
                Assert.Equal(StoreFault.Full, refused.Fault);
                Assert.Equal($"the store {test.Path} cannot grow, the disk is full: make room and try again", refused.Message);
                Assert.Equal(before, test.Store.Current);
            }

            Workload.AssertWhole(test.Store);
            Limit(NoLimit);
            Assert.IsType<CommitOutcome.Committed>(test.Store.Commit(Workload.CommitOn(test.Store.Current)));
            Workload.AssertWhole(test.Store);
        }

        Assert.InRange(failures, 5, 40);
        test.Reopen();
        Workload.AssertWhole(test.Store);
        Workload.AssertTextIndex(test.Store);
    }

    [Fact]
    public void Reading_goes_on_when_the_disk_is_full()
    {
        test.Store.Commit(Workload.CommitOn(test.Store.Current));
        Limit(Pages());
        var records = Enumerable.Repeat(TestStore.Record("a") with { Reason = new string('x', 10_000) }, 10).ToList<AuditRecord>();

        Assert.Equal(StoreFault.Full, Assert.Throws<StoreException>(() => test.Store.AppendAudit(records)).Fault);

        Workload.AssertWhole(test.Store);
    }

    [Fact]
    public async Task Store_on_a_real_disk_that_fills_up_stays_whole_and_goes_on_when_there_is_room() =>
        Assert.Matches("^full at [0-9]{2,}\nwhole at [0-9]{2,}, 10 later\n$", await RunOnSmallDiskAsync(WriterProgram.FillCommand));

    [Fact]
    public async Task Store_that_has_no_room_to_begin_says_so_and_leaves_nothing() =>
        Assert.Matches("^refused [0-9]{2,} times\n$", await RunOnSmallDiskAsync(WriterProgram.BeginCommand));

    /// <returns>What the program said.</returns>
    private static async Task<string> RunOnSmallDiskAsync(string command)
    {
        // A disk of 6 MB, in a mount namespace that goes with the process.
        var disk = Directory.CreateTempSubdirectory("osc-store-");
        string[] namespaces = Environment.IsPrivilegedProcess ? ["--mount"] : ["--map-root-user", "--mount"];
        using var process = Process.Start(new ProcessStartInfo(
            "unshare",
            [
                .. namespaces, "sh", "-c", "mount -t tmpfs -o size=6m none \"$1\" && exec \"$2\" \"$3\" \"$1\"",
                "sh", disk.FullName, Environment.ProcessPath!, command, // a running process has a path
            ])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!; // Start gives null only when a running process is reused
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        disk.Delete();

        Assert.Equal((0, ""), (process.ExitCode, await errors));
        return output;
    }

    private long Pages() => test.Store.Writer.QuerySingle<long>("pragma page_count");

    private void Limit(long pages) => test.Store.Writer.Execute($"pragma max_page_count = {pages}");
}
