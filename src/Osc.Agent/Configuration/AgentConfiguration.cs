using Osc.Agent.Logging;
using Osc.Bus.RabbitMq;
using Osc.Model;
using Osc.Switch;
using Osc.Xen.Xenstore;

namespace Osc.Agent.Configuration;

/// <summary>What file, environment and command line say together.</summary>
public sealed record AgentConfiguration
{
    public const string DefaultFile = "/etc/osc/agent.json";

    public const string DefaultStateDirectory = "/var/lib/osc-agent";

    public Name? Host { get; init; }

    public Uri? Broker { get; init; }

    public string? BrokerUser { get; init; }

    public string? BrokerPasswordFile { get; init; }

    /// <summary>Read from <see cref="BrokerPasswordFile"/>.</summary>
    public string? BrokerPassword { get; init; }

    /// <summary>For amqps: who the broker has to be, and who the agent is.</summary>
    public BrokerTls BrokerTls { get; init; } = BrokerTls.MachineTrust;

    /// <summary>PEM: who signed the controller's certificate, when the agent enrols; null: somebody whom the machine trusts.</summary>
    public string? ControllerAuthority { get; init; }

    public string OvsRunDirectory { get; init; } = SwitchSockets.DefaultRunDirectory;

    public string? OvsDatabase { get; init; }

    /// <summary>Where Xen's store is asked which guest is behind which port; null: wherever this machine has it.</summary>
    public XenstoreEndpoint? Xenstore { get; init; }

    /// <summary>Whether Xen's store is not asked, even if there is one.</summary>
    public bool XenstoreOff { get; init; }

    public string StateDirectory { get; init; } = DefaultStateDirectory;

    public TimeSpan HelloEvery { get; init; } = TimeSpan.FromSeconds(30);

    public TimeSpan ResyncEvery { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How often counts of packets are read and reported.</summary>
    public TimeSpan TrafficEvery { get; init; } = TimeSpan.FromSeconds(5);

    public bool RestoresBeforeForwarding { get; init; }

    public SwitchLimits Limits { get; init; } = SwitchLimits.Default;

    public LogFormat LogFormat { get; init; } = LogFormat.Text;

    public LogLevel LogLevel { get; init; } = LogLevel.Info;

    public SwitchSockets Sockets => OvsDatabase is null ? SwitchSockets.In(OvsRunDirectory) : new(OvsRunDirectory, OvsDatabase);

    /// <summary>null where <see cref="Host"/> is missing, which <see cref="ConfigurationReader"/> reports.</summary>
    public AgentOptions? Options => Host is { } host ? new(host, StateDirectory)
    {
        HelloEvery = HelloEvery,
        ResyncEvery = ResyncEvery,
        TrafficEvery = TrafficEvery,
        RestoresBeforeForwarding = RestoresBeforeForwarding,
    }
    : null;
}
