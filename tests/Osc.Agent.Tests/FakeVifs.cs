using System.Threading.Channels;
using Osc.Model;
using Osc.Xen.Vifs;

namespace Osc.Agent.Tests;

/// <summary>A xenstore that says what a test wants.</summary>
internal sealed class FakeVifs : IVifSource
{
    private readonly Channel<VifEvent> events = Channel.CreateUnbounded<VifEvent>();

    public static Vif Vif(ushort domain, ushort handle, string mac) =>
        new(new(domain, handle), new VifId(domain, handle).PortName, MacAddress.Parse(mac), VifState.Connected, "br0", "vif-osc", null, IsOnline: true);

    public void Announce(params Vif[] vifs) => events.Writer.TryWrite(new VifEvent.Known(new(vifs.ToValueList())));

    public void AnnounceLost(string reason) => events.Writer.TryWrite(new VifEvent.Lost(reason));

    public IAsyncEnumerable<VifEvent> WatchAsync(CancellationToken cancellation) => events.Reader.ReadAllAsync(cancellation);
}
