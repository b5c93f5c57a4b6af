using System.Diagnostics;
using Osc.Model;
using Osc.Xen.Vifs;
using Osc.Xen.Xenstore;
using Xunit;

namespace Osc.Integration.Xen;

/// <summary>What a driver domain finds out about the interfaces that it serves, from Debian's own xenstored.</summary>
public sealed class VifWatchTests
{
    private const int TimeoutMilliseconds = 120_000;

    private static readonly MacAddress Mac = MacAddress.Parse("00:16:3e:00:00:09");

    private readonly CancellationToken cancellation = TestContext.Current.CancellationToken;

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task An_interface_is_followed_from_its_making_over_changes_to_its_end_and_its_making_anew()
    {
        await using var lab = await XenLab.StartAsync();
        await using var told = Follow(lab);
        Assert.Empty(await KnownAsync(told));

        await lab.PlugAsync(new(9, 0), Mac);
        var vif = Assert.Single(await KnownAsync(told));
        Assert.Equal(new(new(9, 0), PortName.Parse("vif9.0"), Mac, VifState.Initialising, "br0", "vif-osc", null, IsOnline: true), vif);

        await lab.SetAsync(new(9, 0), "state", "4");
        Assert.Equal(vif with { State = VifState.Connected }, Assert.Single(await KnownAsync(told)));

        await lab.PlugAsync(new(9, 1), MacAddress.Parse("00:16:3e:00:01:09"), ("vifname", "dmz-web"));
        Assert.Equal(["vif9.0", "dmz-web"], (await KnownAsync(told)).Select(v => v.Port.Value));
        await lab.UnplugAsync(new(9, 1));
        Assert.Single(await KnownAsync(told));
        await lab.UnplugAsync(new(9, 0));
        Assert.Empty(await KnownAsync(told));

        // A guest that starts again has another domain id and the same address.
        await lab.PlugAsync(new(12, 0), Mac);
        Assert.Equal((PortName.Parse("vif12.0"), Mac), (await KnownAsync(told)).Select(v => (v.Port, v.Mac!.Value)).Single());
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task The_guests_uuid_is_known_to_whom_it_is_shown()
    {
        await using var lab = await XenLab.StartAsync();
        const string Uuid = "0f6c1f5c-2f6b-4a6e-9d0e-5a4b3c2d1e0f";
        await XenLab.DoneAsync(lab.Toolstack.WriteAsync(XenstorePath.Parse("/local/domain/9/vm"), XenLab.Bytes($"/vm/{Uuid}")));
        await lab.PlugAsync(new(9, 0), Mac);
        await using var inside = Follow(lab);
        Assert.Null(Assert.Single(await KnownAsync(inside)).Guest);
        var path = XenstorePath.Parse($"/local/domain/{XenLab.DriverDomain}/backend/vif");
        await using var outside = new VifWatch(lab.Toolstack, path).WatchAsync(cancellation).GetAsyncEnumerator(cancellation);
        Assert.Equal(Uuid, Assert.Single(await KnownAsync(outside)).Guest);
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task A_store_that_restarts_is_looked_at_anew()
    {
        await using var lab = await XenLab.StartAsync();
        await lab.PlugAsync(new(9, 0), Mac);
        await using var told = Follow(lab);
        Assert.Single(await KnownAsync(told));
        await lab.Xenstore.KillDaemonAsync();
        Assert.True(await told.MoveNextAsync());
        Assert.IsType<VifEvent.Lost>(told.Current);
        await lab.Xenstore.StartDaemonAsync();
        await lab.MakeDriverDomainAsync();
        await lab.PlugAsync(new(9, 0), Mac);
        await lab.PlugAsync(new(10, 0), MacAddress.Parse("00:16:3e:00:00:10"));
        ValueList<Vif> vifs;
        do
        {
            vifs = await KnownAsync(told);
        }
        while (vifs.Count < 2);

        Assert.Equal(["vif9.0", "vif10.0"], vifs.Select(v => v.Port.Value));
    }

    [Fact(Timeout = TimeoutMilliseconds)]
    public async Task A_thousand_interfaces_are_found_and_one_change_among_them_is_seen()
    {
        await using var lab = await XenLab.StartAsync();
        var ids = Enumerable.Range(0, 1_000).Select(i => new VifId((ushort)(10 + (i / 4)), (ushort)(i % 4))).ToArray();
        foreach (var id in ids)
        {
            await lab.PlugAsync(id, MacOf(id));
        }

        var watch = Stopwatch.StartNew();
        await using var told = Follow(lab);
        var known = await KnownAsync(told);
        TestContext.Current.SendDiagnosticMessage($"1,000 vifs found in {watch.Elapsed.TotalMilliseconds:0} ms");
        Assert.Equal(ids.Select(i => (i, i.PortName, (MacAddress?)MacOf(i))), known.Select(v => (v.Id, v.Port, v.Mac)));

        watch.Restart();
        await lab.SetAsync(ids[500], "mac", Mac.ToString());
        known = await KnownAsync(told);
        TestContext.Current.SendDiagnosticMessage($"one change among them seen in {watch.Elapsed.TotalMilliseconds:0.0} ms");
        Assert.Equal(Mac, known[500].Mac);

        // While they come and go, what is known at rest is what is there.
        var churn = Task.Run(async () =>
        {
            foreach (var id in ids.Where(i => i.Handle == 0))
            {
                await lab.UnplugAsync(id);
            }

            await lab.PlugAsync(new(2_000, 0), Mac);
        }, cancellation);
        do
        {
            known = await KnownAsync(told);
        }
        while (known.Count != 1);

        await churn;
        Assert.Equal(new VifId(2_000, 0), known[0].Id);
    }

    private static MacAddress MacOf(VifId id) => MacAddress.FromBits(0x00163e000000 + ((ulong)id.Domain << 4) + id.Handle);

    private IAsyncEnumerator<VifEvent> Follow(XenLab lab) => new VifWatch(lab.Driver, XenLab.VifDirectory).WatchAsync(cancellation).GetAsyncEnumerator(cancellation);

    /// <summary>What is told next; that the store is away is passed over.</summary>
    private static async Task<ValueList<Vif>> KnownAsync(IAsyncEnumerator<VifEvent> told)
    {
        while (await told.MoveNextAsync())
        {
            if (told.Current is VifEvent.Known(var inventory))
            {
                return inventory.Vifs;
            }
        }

        throw new InvalidOperationException("it ended");
    }
}
