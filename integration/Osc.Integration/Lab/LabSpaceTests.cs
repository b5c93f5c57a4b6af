using Osc.Lab;
using Osc.Model;
using Xunit;

namespace Osc.Integration.Lab;

public sealed class LabSpaceTests
{
    private static readonly PortName Bridge = PortName.Parse("br-int");

    [Fact]
    public async Task Switch_answers_and_is_gone_when_its_lab_is_disposed()
    {
        string directory;
        int daemon;
        await using (var space = await LabSpace.ClaimAsync("test"))
        {
            directory = space.DirectoryPath;
            var instance = await SwitchInstance.StartAsync(space, "h1");
            daemon = instance.DaemonProcessId ?? throw new InvalidOperationException("vswitchd does not run");
            await instance.AddBridgeAsync(Bridge);

            Assert.Equal("netdev", (await instance.VsctlAsync("get", "bridge", "br-int", "datapath_type")).Trim());
            Assert.True(File.Exists(instance.ManagementSocket(Bridge)));
            Assert.Contains(instance.Netns.Name, await Command.RunAsync("ip", ["netns", "list"]), StringComparison.Ordinal);
        }

        Assert.False(Directory.Exists(directory));
        Assert.False(Directory.Exists($"/proc/{daemon}"));
        Assert.DoesNotContain($"osc-{Path.GetFileName(directory)}-", await Command.RunAsync("ip", ["netns", "list"]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Switch_that_was_killed_starts_again_without_flows()
    {
        await using var space = await LabSpace.ClaimAsync("test");
        var instance = await SwitchInstance.StartAsync(space, "h1");
        await instance.AddBridgeAsync(Bridge);
        await instance.OfctlAsync("add-flow", "br-int", "cookie=0x7,priority=1,actions=drop");
        Assert.Contains("cookie=0x7", await instance.OfctlAsync("dump-flows", "br-int"), StringComparison.Ordinal);

        await instance.KillDaemonAsync();
        await instance.StartDaemonAsync();

        Assert.DoesNotContain("cookie=0x7", await instance.OfctlAsync("dump-flows", "br-int"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Command_says_what_failed_when_a_tool_refuses()
    {
        var error = await Assert.ThrowsAsync<LabException>(() => Command.RunAsync("ip", ["link", "show", "no-such-link"]));

        Assert.Contains("no-such-link", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Command_names_the_program_that_is_missing()
    {
        var error = await Assert.ThrowsAsync<LabException>(() => Command.RunAsync("no-such-program", []));

        Assert.Equal("no-such-program is not installed: run scripts/setup", error.Message);
    }
}
