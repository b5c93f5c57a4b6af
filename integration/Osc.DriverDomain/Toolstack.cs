using System.Globalization;

namespace Osc.DriverDomain;

/// <summary>xl in dom0.</summary>
internal sealed class Toolstack(CommandPort dom0)
{
    /// <summary>
    /// Starts a guest whose network interface the driver domain serves, plugged in by Osc's hotplug script; returns when xl is done. Its other interface, which dom0
    /// serves, is the way in for commands.
    /// </summary>
    /// <returns>The domain id.</returns>
    public async Task<int> CreateAsync(Guest guest, CancellationToken cancellation)
    {
        var number = guest.Number.ToString(CultureInfo.InvariantCulture);
        await dom0.RunAsync(
            $"xl create /osc/guest.cfg 'name=\"{guest.Name}\"' 'extra=\"role=guest number={number} console=hvc0 mitigations=off quiet\"' " +
            $"'vif=[\"mac=00:16:3e:00:09:0{number},bridge=ovs0,script=vif-osc,backend=dd\",\"mac=00:16:3e:00:0a:0{number},script=/osc/vif-way\"]' 2>&1",
            cancellation);
        return await DomainOfAsync(guest, cancellation);
    }

    /// <returns>The domain id that a guest has now.</returns>
    public async Task<int> DomainOfAsync(Guest guest, CancellationToken cancellation) =>
        int.Parse((await dom0.RunAsync($"xl domid {guest.Name}", cancellation)).Trim(), CultureInfo.InvariantCulture);

    public Task DestroyAsync(Guest guest, CancellationToken cancellation) => dom0.RunAsync($"xl destroy {guest.Name}", cancellation);

    public Task<string> ListAsync(CancellationToken cancellation) => dom0.RunAsync("xl list", cancellation);
}
