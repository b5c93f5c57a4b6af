using System.Diagnostics;
using Xunit;

namespace Osc.Store.Tests.Crash;

public sealed class KillTests : IDisposable
{
    private static readonly int Kills = TestScale.Times(6);

    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("osc-store-");

    private string StorePath => Path.Combine(directory.FullName, "osc.db");

    public void Dispose() => directory.Delete(recursive: true);

    [Fact]
    public async Task Killed_writer_leaves_all_that_it_was_told_is_committed_and_nothing_half()
    {
        var random = new Random();
        for (var kill = 0; kill < Kills; kill++)
        {
            var before = CurrentOf(StorePath);
            var acknowledged = Math.Max(before, await WriteAndKill(lines: random.Next(1, 60)));

            using var store = PolicyStore.Open(StorePath, TimeProvider.System);
            Assert.InRange(store.Current.Number, acknowledged, acknowledged + 1);
            Workload.AssertWhole(store);
            Workload.AssertTextIndex(store);
        }

        Assert.True(CurrentOf(StorePath) > Kills, "the writer was killed before it wrote");
    }

    [Fact]
    public async Task Store_of_a_running_process_is_refused_and_of_a_killed_one_is_free()
    {
        using var writer = Start();
        Assert.Equal("open", await writer.StandardOutput.ReadLineAsync());

        Assert.Equal(StoreFault.InUse, Assert.Throws<StoreException>(() => PolicyStore.Open(StorePath, TimeProvider.System)).Fault);

        await Kill(writer);
        PolicyStore.Open(StorePath, TimeProvider.System).Dispose();
    }

    private static long CurrentOf(string path)
    {
        using var store = PolicyStore.Open(path, TimeProvider.System);
        return store.Current.Number;
    }

    /// <summary>Lets a process write until it has said some lines, then kills it in whatever it does.</summary>
    /// <returns>The last revision that it was told is committed; 0 if none.</returns>
    private async Task<long> WriteAndKill(int lines)
    {
        using var writer = Start();
        var last = 0L;
        for (var i = 0; i < lines; i++)
        {
            last = Number(await writer.StandardOutput.ReadLineAsync());
        }

        writer.Kill();
        while (await writer.StandardOutput.ReadLineAsync() is { } line)
        {
            last = Number(line);
        }

        await writer.WaitForExitAsync();
        return last;

        static long Number(string? line) =>
            line switch
            {
                "open" => 0,
                null => throw new InvalidOperationException("the writer ended by itself"),
                _ => long.Parse(line, System.Globalization.CultureInfo.InvariantCulture),
            };
    }

    private static async Task Kill(Process writer)
    {
        writer.Kill();
        await writer.StandardOutput.ReadToEndAsync();
        await writer.WaitForExitAsync();
    }

    private Process Start() => Process.Start(new ProcessStartInfo(Environment.ProcessPath!, [WriterProgram.WriteCommand, StorePath]) // a running process has a path
    {
        RedirectStandardOutput = true,
    })!; // Start gives null only when a running process is reused
}
