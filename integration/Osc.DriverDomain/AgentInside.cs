using System.Globalization;

namespace Osc.DriverDomain;

/// <summary>The agent in the driver domain: bin/osc-agent as it was built, which finds Xen's store by itself.</summary>
internal sealed class AgentInside(CommandPort domain)
{
    private const string Log = "/var/log/osc-agent.log";

    /// <summary>Brings the agent and the hotplug script in from the machine's second disk.</summary>
    /// <returns>The agent's version.</returns>
    public Task<string> InstallAsync(CancellationToken cancellation) =>
        domain.RunAsync("tar -C / -xf /dev/xvdb && mkdir -p /var/lib/osc-agent && osc-agent --version", cancellation);

    /// <returns>Its log up to where it was ready.</returns>
    public async Task<string> StartAsync(CancellationToken cancellation)
    {
        await domain.RunAsync(
            $": >{Log}; osc-agent --host dd --broker amqp://guest:guest@{Machine.BrokerInside} --state-directory /var/lib/osc-agent >>{Log} 2>&1 &", cancellation);
        return await domain.RunAsync($"until grep -q 'the agent is ready' {Log}; do pidof osc-agent >/dev/null || {{ cat {Log}; exit 1; }}; sleep 0.05; done; cat {Log}", cancellation);
    }

    /// <summary>kill -9.</summary>
    public Task KillAsync(CancellationToken cancellation) => domain.RunAsync("kill -9 $(pidof osc-agent); while pidof osc-agent >/dev/null; do sleep 0.05; done", cancellation);

    public Task<string> LogAsync(CancellationToken cancellation) => domain.RunAsync($"cat {Log}", cancellation);

    /// <returns>Resident memory now and at most, in MiB.</returns>
    public async Task<(double Now, double Peak)> MemoryAsync(CancellationToken cancellation)
    {
        var status = await domain.RunAsync("grep -E 'VmRSS|VmHWM' /proc/$(pidof osc-agent)/status", cancellation);
        return (Mebibytes("VmRSS"), Mebibytes("VmHWM"));

        double Mebibytes(string key) => double.Parse(
            status.Split('\n').First(l => l.StartsWith(key, StringComparison.Ordinal)).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;
    }
}
