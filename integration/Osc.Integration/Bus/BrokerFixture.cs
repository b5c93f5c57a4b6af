using Osc.Lab;
using Osc.Lab.RabbitMq;
using Xunit;

namespace Osc.Integration.Bus;

/// <summary>A private RabbitMQ node for a class of tests, which may stop, kill and start it: they run one after the other.</summary>
public sealed class BrokerFixture : IAsyncLifetime
{
    private LabSpace? space;
    private RabbitMqBroker? broker;

    public RabbitMqBroker Broker => broker ?? throw new InvalidOperationException("not started");

    public async ValueTask InitializeAsync()
    {
        space = await LabSpace.ClaimAsync("bus");
        broker = await RabbitMqBroker.StartAsync(space, "rabbit");
        await using var controller = await ControllerEnd.ConnectAsync(broker, default); // the exchanges are the controller's to declare
        TestContext.Current.SendDiagnosticMessage($"RabbitMQ {broker.Version}");
    }

    public async ValueTask DisposeAsync()
    {
        if (space is not null)
        {
            await space.DisposeAsync();
        }
    }
}
