using Osc.Xen.Xenstore;
using Xunit;

namespace Osc.Integration.Xen;

/// <summary>The client against Debian's own xenstored.</summary>
public sealed class XenstoreTests
{
    /// <summary>A test that waits for what never comes fails instead of holding up the run.</summary>
    private const int TimeoutMilliseconds = 120_000;

    private static readonly XenstorePath Test = XenstorePath.Parse("/test");

    private readonly CancellationToken cancellation = TestContext.Current.CancellationToken;

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task Nodes_are_written_read_listed_and_removed()
    {
        await using var lab = await XenLab.StartAsync();
        var store = lab.Toolstack;
        var value = Enumerable.Range(0, 256).Select(i => (byte)i).ToArray();
        Assert.Null(await store.WriteAsync(Test.Child("a/b"), value));
        Assert.Equal(new string([.. value.Select(b => (char)b)]), (await store.ReadAsync(Test.Child("a/b"))).Value);
        Assert.Equal("", (await store.ReadAsync(Test.Child("a"))).Value);
        Assert.Null(await store.MakeDirectoryAsync(Test.Child("c")));
        Assert.Equal(["a", "c"], (await store.ListAsync(Test)).Value!.Order());
        Assert.Empty((await store.ListAsync(Test.Child("c"))).Value!);
        Assert.Null(await store.SetPermissionsAsync(Test, ["n0", "r5"]));
        Assert.Equal(["n0", "r5"], (await store.GetPermissionsAsync(Test)).Value);
        Assert.Null(await store.RemoveAsync(Test.Child("a")));
        Assert.Equal(XenstoreError.NotFound, (await store.ReadAsync(Test.Child("a/b"))).Failure?.Error);
        Assert.Equal("/local/domain/7", (await store.GetDomainPathAsync(7)).Value);
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task A_list_of_any_length_is_whole()
    {
        await using var lab = await XenLab.StartAsync();
        var names = Enumerable.Range(0, 2_000).Select(i => $"{i:d5}-some-longer-name").ToArray();
        await Task.WhenAll(names.Select(n => lab.Toolstack.WriteAsync(Test.Child(n), default)));
        Assert.Equal(names, (await lab.Toolstack.ListAsync(Test)).Value!.Order());
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task Errors_of_the_store_are_values()
    {
        await using var lab = await XenLab.StartAsync();
        Assert.Equal(XenstoreError.NotFound, (await lab.Toolstack.ReadAsync(Test)).Failure?.Error);
        Assert.Equal(XenstoreError.NotFound, (await lab.Toolstack.RemoveAsync(Test.Child("a/b")))?.Error);
        Assert.Equal(XenstoreError.TooLong, (await lab.Toolstack.WriteAsync(Test, new byte[XenstoreLimits.Payload]))?.Error);

        // A driver domain may not look at the guest that it serves.
        await lab.PlugAsync(new(9, 0), default);
        await XenLab.DoneAsync(lab.Toolstack.WriteAsync(XenstorePath.Parse("/local/domain/9/vm"), XenLab.Bytes("/vm/x")));
        Assert.Equal(XenstoreError.AccessDenied, (await lab.Driver.ReadAsync(XenstorePath.Parse("/local/domain/9/vm"))).Failure?.Error);
        Assert.Equal(XenstoreError.AccessDenied, (await lab.Driver.WriteAsync(XenstorePath.Parse("/local/domain/9/x"), default))?.Error);
        Assert.Null(await lab.Driver.WriteAsync(XenstorePath.Parse("backend/vif/9/0/hotplug-status"), XenLab.Bytes("connected")));
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task A_domain_whose_quota_is_used_up_is_told_so()
    {
        await using var lab = await XenLab.StartAsync();
        // xenstored grants one watch more than it is told.
        await lab.RestartAsync("--entry-nb", "20", "--watch-nb", "0");

        // What the toolstack puts into the driver domain's tree counts for the driver domain.
        await lab.PlugAsync(new(9, 0), default);
        await lab.PlugAsync(new(10, 0), default);
        Assert.Equal(XenstoreError.QuotaExceeded, (await lab.Driver.WriteAsync(XenstorePath.Parse("backend/vif/9/0/hotplug-status"), default))?.Error);

        await using var first = lab.Driver.Watch(XenstorePath.Parse("backend/vif/9"));
        Assert.IsType<WatchSignal.Changed>(await NextAsync(first));
        await using var second = lab.Driver.Watch(XenstorePath.Parse("backend/vif/10"));
        Assert.Equal(XenstoreError.QuotaExceeded, Assert.IsType<WatchSignal.Lost>(await NextAsync(second)).Failure.Error);

        // It goes on trying: when there is room, it is set.
        await first.DisposeAsync();
        WatchSignal signal;
        while ((signal = await NextAsync(second)) is WatchSignal.Lost)
        {
            Assert.Equal(XenstoreError.QuotaExceeded, ((WatchSignal.Lost)signal).Failure.Error);
        }

        Assert.Equal(new WatchSignal.Changed("backend/vif/10"), signal);
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task A_watch_fires_when_it_is_set_and_for_every_change_below()
    {
        await using var lab = await XenLab.StartAsync();
        await using var watch = lab.Driver.Watch(XenLab.VifDirectory);
        Assert.Equal(new WatchSignal.Changed("backend/vif"), await NextAsync(watch));
        await lab.PlugAsync(new(9, 0), default);
        await lab.UnplugAsync(new(9, 0));
        var seen = new HashSet<WatchSignal>();
        while (!seen.Contains(new WatchSignal.Changed("backend/vif/9/0/mac")) || !seen.Contains(new WatchSignal.Changed("backend/vif/9")))
        {
            seen.Add(await NextAsync(watch));
        }
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task Of_two_transactions_that_meet_one_conflicts_and_nothing_of_it_counts()
    {
        await using var lab = await XenLab.StartAsync();
        await using var other = lab.AnotherToolstack();
        Assert.Null(await other.WriteAsync(Test, XenLab.Bytes("1")));
        var begun = await lab.Toolstack.BeginAsync();
        await using var transaction = begun.Value!;
        Assert.Equal("1", (await transaction.ReadAsync(Test)).Value);
        Assert.Null(await transaction.WriteAsync(Test.Child("mine"), default));
        Assert.Equal(XenstoreError.NotFound, (await other.ReadAsync(Test.Child("mine"))).Failure?.Error);
        Assert.Null(await other.WriteAsync(Test, XenLab.Bytes("2")));
        Assert.Equal("1", (await transaction.ReadAsync(Test)).Value);
        Assert.Equal(XenstoreError.Conflict, (await transaction.CommitAsync())?.Error);
        Assert.Equal(XenstoreError.NotFound, (await other.ReadAsync(Test.Child("mine"))).Failure?.Error);

        // Begun anew by the caller it goes through; one that is disposed never counts.
        await lab.InTransactionAsync(again => XenLab.DoneAsync(again.WriteAsync(Test.Child("mine"), default)));
        Assert.Equal("", (await other.ReadAsync(Test.Child("mine"))).Value);
        await using (var givenUp = (await lab.Toolstack.BeginAsync()).Value!)
        {
            Assert.Null(await givenUp.WriteAsync(Test.Child("never"), default));
        }

        Assert.Equal(XenstoreError.NotFound, (await other.ReadAsync(Test.Child("never"))).Failure?.Error);
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task A_daemon_that_restarts_costs_what_was_under_way_and_nothing_later()
    {
        await using var lab = await XenLab.StartAsync();
        await using var watch = lab.Toolstack.Watch(Test);
        Assert.Equal(new WatchSignal.Changed("/test"), await NextAsync(watch));
        var begun = (await lab.Toolstack.BeginAsync()).Value!;
        await lab.Xenstore.KillDaemonAsync();
        Assert.Equal(XenstoreError.ConnectionLost, Assert.IsType<WatchSignal.Lost>(await NextAsync(watch)).Failure.Error);
        Assert.Equal(XenstoreError.ConnectionLost, (await begun.WriteAsync(Test, default))?.Error);
        Assert.Equal(XenstoreError.ConnectionLost, (await lab.Toolstack.ReadAsync(Test)).Failure?.Error);
        await lab.Xenstore.StartDaemonAsync();
        Assert.Null(await lab.Toolstack.WriteAsync(Test.Child("a"), default));
        WatchSignal signal;
        do
        {
            signal = await NextAsync(watch);
        }
        while (signal is WatchSignal.Lost);

        Assert.Equal(XenstoreError.ConnectionLost, (await begun.CommitAsync())?.Error);
        Assert.Equal("", (await lab.Toolstack.ReadAsync(Test.Child("a"))).Value);
    }

    private async Task<WatchSignal> NextAsync(XenstoreWatch watch)
    {
        WatchSignal? signal;
        while (!watch.TryTake(out signal))
        {
            await watch.WaitAsync(cancellation);
        }

        return signal!;
    }
}
