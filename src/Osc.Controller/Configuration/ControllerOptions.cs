using Osc.Bus.RabbitMq;
using Osc.Controller.Delivery;
using Osc.Controller.Identities;
using Osc.Controller.Names;
using Osc.Model;

namespace Osc.Controller.Configuration;

/// <summary>How log lines look.</summary>
public enum LogFormat
{
    Text,
    Json,
}

/// <summary>The controller's configuration, checked. Made by <see cref="OptionsReader"/>, or by a program that embeds the controller.</summary>
public sealed record ControllerOptions
{
    public static readonly Uri DefaultListen = new("http://127.0.0.1:8080");

    public const string DefaultStore = "/var/lib/osc/controller.db";

    /// <summary>What an Open vSwitch holds well: some 350 MB, and a start from nothing within seconds.</summary>
    public const int DefaultMaxFlowsPerHost = 200_000;

    /// <summary>Where the REST API listens: scheme, address and port; port 0 takes a free one.</summary>
    public Uri Listen { get; init; } = DefaultListen;

    /// <summary>For https: PEM files of the certificate and its key.</summary>
    public TlsFiles? Tls { get; init; }

    /// <summary>The SQLite file.</summary>
    public string Store { get; init; } = DefaultStore;

    /// <summary>The SQLite file of what packets met; null: beside the other.</summary>
    public string? TrafficStore { get; init; }

    /// <summary>The file with the keys that sign checkpoints of the audit log; null: beside the store.</summary>
    public string? AuditKeyFile { get; init; }

    /// <summary>The collector that gets audit records; null: none.</summary>
    public SyslogSettings? Syslog { get; init; }

    /// <summary>Audit records that are older are moved to files; null: they stay in the store for ever.</summary>
    public TimeSpan? AuditKeep { get; init; }

    /// <summary>The directory of those files; null: beside the store.</summary>
    public string? AuditArchive { get; init; }

    /// <summary>The RabbitMQ broker, amqp:// or amqps:// with user and password; null: the in-memory bus of one process.</summary>
    public Uri? Broker { get; init; }

    /// <summary>For amqps: who the broker has to be, and who the controller is.</summary>
    public BrokerTls BrokerTls { get; init; } = BrokerTls.MachineTrust;

    /// <summary>How agents come to their certificates; null: not by this controller.</summary>
    public EnrolmentSettings? Enrolment { get; init; }

    public IReadOnlyList<Token> Tokens { get; init; } = [];

    /// <summary>Whose signed tokens count.</summary>
    public IReadOnlyList<Issuer> Issuers { get; init; } = [];

    /// <summary>Machines that show certificates.</summary>
    public IReadOnlyList<CertificateSubject> Certificates { get; init; } = [];

    public LogFormat LogFormat { get; init; }

    public LogLevel LogLevel { get; init; } = LogLevel.Information;

    /// <summary>Every request is the administrator's. Only on a loopback address.</summary>
    public bool Development { get; init; }

    /// <summary>Agents that run in the same process.</summary>
    public IReadOnlyList<LocalAgent> Agents { get; init; } = [];

    /// <summary>A change that would give a host more flows than this, and more than it has, is refused.</summary>
    public int MaxFlowsPerHost { get; init; } = DefaultMaxFlowsPerHost;

    public LimitSettings Limits { get; init; } = LimitSettings.Default;

    public NameSettings Names { get; init; } = NameSettings.Default;

    public DeliveryTimings Delivery { get; init; } = DeliveryTimings.Default;
}

/// <summary>The authority that signs agents' certificates.</summary>
/// <param name="Authority">PEM: its certificate.</param>
/// <param name="Key">PEM: its private key.</param>
/// <param name="Life">How long certificates count.</param>
/// <param name="Broker">Where agents find the broker: amqps://, without a user.</param>
public sealed record EnrolmentSettings(string Authority, string Key, TimeSpan Life, Uri Broker);

/// <param name="Certificate">PEM: the certificate and its chain.</param>
/// <param name="Key">PEM: the private key.</param>
/// <param name="ClientAuthority">PEM: who signs the certificates of clients; null: clients show none.</param>
public sealed record TlsFiles(string Certificate, string Key, string? ClientAuthority = null);

/// <summary>An agent in the controller's own process.</summary>
/// <param name="RunDirectory">Open vSwitch's run directory, with the bridges' management sockets.</param>
/// <param name="Database">The socket of the switch's database.</param>
/// <param name="State">The directory where the agent keeps its flows; for it alone.</param>
public sealed record LocalAgent(Name Host, string RunDirectory, string Database, string State);

/// <summary>Who may do what by showing which secret.</summary>
/// <param name="Name">The actor in the audit log.</param>
/// <param name="Sha256">SHA-256 of the secret's UTF-8 bytes: 32 bytes. The secret itself is not kept.</param>
/// <param name="Grants">What its holder may do.</param>
public sealed record Token(string Name, ValueList<Grant> Grants, ReadOnlyMemory<byte> Sha256);
