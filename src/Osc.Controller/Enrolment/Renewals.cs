using System.Threading.Channels;
using Osc.Bus;
using Osc.Controller.Delivery;
using Osc.Model;
using Osc.Store;

namespace Osc.Controller.Enrolment;

/// <summary>Answers agents whose certificate ends soon, beside delivery, which does not wait for it. What is not answered is asked again.</summary>
public sealed partial class Renewals : BackgroundService
{
    private const int InboxLength = 1_000;

    private readonly DeliveryService delivery;
    private readonly IControllerBus bus;
    private readonly EnrolmentDesk desk;
    private readonly ILogger<Renewals> log;
    private readonly Channel<(Name Host, RenewalRequest Asked)> inbox =
        Channel.CreateBounded<(Name, RenewalRequest)>(new BoundedChannelOptions(InboxLength) { SingleReader = true, FullMode = BoundedChannelFullMode.DropWrite });

    public Renewals(DeliveryService delivery, IControllerBus bus, EnrolmentDesk desk, ILogger<Renewals> log)
    {
        (this.delivery, this.bus, this.desk, this.log) = (delivery, bus, desk, log);
        delivery.RenewalAsked += Hear;
    }

    public override void Dispose()
    {
        delivery.RenewalAsked -= Hear;
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var (host, asked) in inbox.Reader.ReadAllAsync(stoppingToken))
        {
            try
            {
                if (desk.Renew(host, asked.Request, out var error) is not { } certificate)
                {
                    LogNotRenewed(host, error);
                }
                else if (!await bus.TrySendAsync(new() { Host = host.Value, Certificate = new(certificate) }, stoppingToken))
                {
                    LogNotRenewed(host, "it could not be sent");
                }
            }
            catch (StoreException e)
            {
                LogNotRenewed(host, e.Message);
            }
        }
    }

    private void Hear(Name host, RenewalRequest asked) => inbox.Writer.TryWrite((host, asked));

    [LoggerMessage(Level = LogLevel.Warning, Message = "the certificate of host {Host}'s agent is not renewed: {Reason}")]
    private partial void LogNotRenewed(Name host, string? reason);
}
