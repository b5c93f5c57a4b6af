using System.Diagnostics;
using Osc.Xen.Xenstore;
using Xunit;

namespace Osc.Xen.Tests.Xenstore;

/// <summary>The channel to a device, here a pipe that is open both ways: it gives back what is written.</summary>
public sealed class DeviceChannelTests : IDisposable
{
    private const int TimeoutMilliseconds = 60_000;

    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("osc");

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task What_is_written_is_read_whether_the_reader_waits_or_comes_late()
    {
        using var channel = Open();
        var bytes = new byte[100];
        var waiting = channel.ReadAsync(bytes);
        await channel.WriteAsync(new byte[] { 1, 2, 3 });
        Assert.Equal(3, await waiting);
        Assert.Equal([1, 2, 3], bytes[..3]);
        await channel.WriteAsync(new byte[] { 4 });
        var late = channel.ReadAsync(bytes);
        Assert.True(late.IsCompleted);
        Assert.Equal(1, await late);
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task Closing_ends_a_read_that_waits()
    {
        var channel = Open();
        var waiting = channel.ReadAsync(new byte[100]);
        channel.Dispose();
        Assert.Equal(0, await waiting);
        Assert.Equal(0, await channel.ReadAsync(new byte[100]));
        await Assert.ThrowsAsync<IOException>(async () => await channel.WriteAsync(new byte[1]));
    }

    [Fact]
    public void A_device_that_is_not_there_is_an_expected_failure() =>
        Assert.Throws<FileNotFoundException>(() => DeviceChannel.Open(Path.Combine(directory.FullName, "none")));

    public void Dispose() => directory.Delete(recursive: true);

    private DeviceChannel Open()
    {
        var path = Path.Combine(directory.FullName, "pipe");
        using var made = Process.Start("mkfifo", [path]);
        made.WaitForExit();
        Assert.Equal(0, made.ExitCode);
        return DeviceChannel.Open(path);
    }
}
