using Osc.Lab;
using Xunit;

namespace Osc.Integration.Crash;

/// <summary>The program osc-controller on the log of SQLite that a killed one left, as a power cut or a bad disk leaves it.</summary>
public sealed class ControllerTornLogTests
{
    private const int Frame = 24 + 4096;

    [Fact]
    public async Task Torn_log_is_gone_on_from_and_a_damaged_one_is_said_to_be()
    {
        await using var space = await LabSpace.ClaimAsync("torn");
        var configuration = ControllerProcess.Configure(space.DirectoryPath);
        var client = new LoadClient(0, "torn", new(1));
        var founder = new LoadClient(1, "ground", new(1));
        var checker = new OutsideChecker(space.DirectoryPath, [client, founder], new(1));
        var (process, server) = await ControllerProcess.StartListeningAsync(space, configuration);
        await using (process)
        {
            await founder.FoundAsync(server);
            await client.RunAsync(server, acts: 10);
            await process.KillAsync();
        }

        var path = Path.Combine(space.DirectoryPath, "osc.db-wal");
        var log = await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
        var damaged = log.ToArray();
        damaged[(log.Length / Frame / 2 * Frame) + 1_000] ^= 1;
        await File.WriteAllBytesAsync(path, damaged, TestContext.Current.CancellationToken);
        await using (var refused = ControllerProcess.Start(space, configuration))
        {
            Assert.Null(await refused.AddressAsync());
            var (exitCode, error) = await refused.EndAsync();
            Assert.Equal(3, exitCode);
            Assert.Matches("^osc-controller: the store .*/osc\\.db is damaged \\(frame [0-9]+ of its log, and there are committed changes after it\\): restore it from a backup\n$", error);
        }

        // Half of a frame that was being written when the power went.
        await File.WriteAllBytesAsync(path, [.. log, .. log[^Frame..^(Frame / 2)]], TestContext.Current.CancellationToken);
        var (again, address) = await ControllerProcess.StartListeningAsync(space, configuration);
        await using (again)
        {
            await checker.CheckAsync(address);
        }
    }
}
