using Osc.Bus;

namespace Osc.Controller.Hosting;

/// <summary>Starts and stops a bus that has something to start: one with a broker.</summary>
internal sealed class BusLifetime(IControllerBus bus) : IHostedService
{
    private readonly IHostedService? lifetime = bus as IHostedService;

    public Task StartAsync(CancellationToken cancellationToken) => lifetime?.StartAsync(cancellationToken) ?? Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => lifetime?.StopAsync(cancellationToken) ?? Task.CompletedTask;
}
