using Osc.Lab;
using Osc.Model;
using Osc.Scenarios.Large;

namespace Osc.Benchmarks.Delivery;

/// <summary>The bridge of a workload's first host: its first ports, known by their iface-id too, on the userspace datapath.</summary>
internal static class BenchBridge
{
    public const int Ports = 100;

    public static readonly PortName Name = PortName.Parse("br-int");

    public static async Task AddAsync(SwitchInstance instance, PortGroupWorkload workload)
    {
        await instance.AddBridgeAsync(Name);
        await instance.VsctlAsync(workload.Ports.Take(Ports).SelectMany(p => (string[])
            ["--", "add-port", Name.Value, p.Id, "--", "set", "interface", p.Id, "type=internal", $"external_ids:iface-id={p.Id}"]).Skip(1));
    }
}
