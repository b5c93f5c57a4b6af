using System.Net;
using System.Text.Json;
using Osc.Bus;
using Osc.Bus.RabbitMq;
using Osc.Controller.Names;
using Osc.Model;
using Osc.Policy.Validation;

namespace Osc.Controller.Configuration;

/// <summary>The options, or everything that is wrong with them, a line each.</summary>
public sealed record OptionsResult(ControllerOptions? Options, IReadOnlyList<string> Errors);

/// <summary>
/// Reads the configuration: defaults, then the file, then environment variables (OSC_LISTEN, OSC_STORE, OSC_BROKER,
/// OSC_BROKER_PASSWORD_FILE, OSC_LOG_FORMAT, OSC_LOG_LEVEL), each over the one before. All errors are collected.
/// </summary>
public sealed class OptionsReader
{
    /// <summary>What a snapshot on the bus can hold.</summary>
    private const int MostFlowsPerHost = BusProtocol.MaxChunks * BusProtocol.MaxFlowsInMessage;

    private const int DnsPort = 53;

    private const string DefaultRunDirectory = "/var/run/openvswitch";

    private readonly Func<string, string?> environment;
    private readonly SettingChecks checks = new();

    private OptionsReader(Func<string, string?> environment) => this.environment = environment;

    /// <param name="path">The configuration file; null for none.</param>
    /// <param name="development">No tokens are asked for, and the address must be loopback.</param>
    /// <param name="environment">Gives an environment variable, or null.</param>
    public static OptionsResult Read(string? path, bool development, Func<string, string?> environment)
    {
        var reader = new OptionsReader(environment);
        var file = reader.ReadFile(path);
        if (file is null)
        {
            return new(null, reader.checks.Errors);
        }

        var options = reader.Check(file, development);
        return reader.checks.Errors.Count == 0 ? new(options, []) : new(null, reader.checks.Errors);
    }

    private ConfigurationFile? ReadFile(string? path)
    {
        if (path is null)
        {
            return new();
        }

        try
        {
            return JsonSerializer.Deserialize(File.ReadAllText(path), ConfigurationFileJson.Default.ConfigurationFile) ?? checks.Fail<ConfigurationFile>($"{path}: the file says null");
        }
        catch (JsonException e)
        {
            // Lines and positions count from 0 there, and from 1 here.
            return checks.Fail<ConfigurationFile>($"{path}:{e.LineNumber + 1}:{e.BytePositionInLine + 1}: {Describe(e)}");
        }
        catch (Exception e) when (SettingChecks.IsUnreadable(e))
        {
            return checks.Fail<ConfigurationFile>($"cannot read the configuration file: {e.Message}");
        }
    }

    /// <summary>What is wrong, without the names of our own types that .NET puts into it.</summary>
    private static string Describe(JsonException error)
    {
        if (error.InnerException is JsonException syntax)
        {
            return $"not JSON: {syntax.Message.Split(" LineNumber:")[0]}";
        }

        var isUnknown = error.Message.Contains("could not be mapped", StringComparison.Ordinal);
        return $"{error.Path}: {(isUnknown ? "there is no such setting" : "not the kind of value that this setting takes")}";
    }

    private ControllerOptions Check(ConfigurationFile file, bool development)
    {
        var listen = Listen(environment("OSC_LISTEN") ?? file.Listen, development);
        var tls = Tls(file.Tls, listen);
        var identities = new IdentityReader(checks);
        var tokens = identities.Tokens(file.Tokens ?? []);
        var issuers = identities.Issuers(file.Oidc ?? []);
        var certificates = identities.Certificates(file.Certificates ?? [], tls);
        if (tokens.Count + issuers.Count + certificates.Count == 0 && !development && checks.Errors.Count == 0)
        {
            checks.Add("tokens: there is none, so nobody could use the API; name at least one, or start with --development");
        }

        return new()
        {
            Listen = listen,
            Tls = tls,
            Store = checks.UsablePath("store", environment("OSC_STORE") ?? file.Store ?? ControllerOptions.DefaultStore),
            TrafficStore = file.TrafficStore is { } trafficStore ? checks.UsablePath("trafficStore", trafficStore) : null,
            AuditKeyFile = file.Audit?.KeyFile is { } auditKey ? checks.UsablePath("audit.keyFile", auditKey) : null,
            Syslog = Syslog(file.Audit?.Syslog),
            AuditKeep = file.Audit?.KeepDays is { } days ? TimeSpan.FromDays(checks.Within("audit.keepDays", days, 36_500)) : null,
            AuditArchive = file.Audit?.Archive is { } archive ? checks.UsablePath("audit.archive", archive) : null,
            Broker = Broker(file.Broker),
            BrokerTls = BrokerTlsOf(file.Broker),
            Enrolment = file.Enrolment is { } enrolment ? Enrolment(enrolment, environment("OSC_BROKER") ?? file.Broker?.Url) : null,
            Tokens = tokens,
            Issuers = issuers,
            Certificates = certificates,
            Agents = Agents(file.Agents ?? []),
            LogFormat = checks.OneOf("log.format", environment("OSC_LOG_FORMAT") ?? file.Log?.Format, LogFormat.Text),
            LogLevel = checks.OneOf("log.level", environment("OSC_LOG_LEVEL") ?? file.Log?.Level, LogLevel.Information),
            Development = development,
            Names = Names(file.Names ?? new()),
            Limits = Limits(file.Limits ?? new()),
            MaxFlowsPerHost = FlowBudget(file.MaxFlowsPerHost ?? ControllerOptions.DefaultMaxFlowsPerHost),
        };
    }

    private int FlowBudget(int flows) => flows is > 0 and <= MostFlowsPerHost ? flows
        : checks.Fail(ControllerOptions.DefaultMaxFlowsPerHost, $"maxFlowsPerHost: {flows} is not possible; allowed: 1 to {MostFlowsPerHost}");

    private NameSettings Names(NamesSection section) => new()
    {
        Resolve = section.Resolve ?? true,
        Servers = [.. (section.Servers ?? []).Select((s, i) => Server($"names.servers[{i}]", s))],
        MaxNames = checks.Within("names.maxNames", section.MaxNames ?? NameSettings.Default.MaxNames, 100_000),
        MaxAddresses = checks.Within("names.maxAddresses", section.MaxAddresses ?? NameSettings.Default.MaxAddresses, DnsNames.MaxAddresses),
        Grace = TimeSpan.FromSeconds(checks.Within("names.graceSeconds", section.GraceSeconds ?? (int)NameSettings.Default.Grace.TotalSeconds, 604_800)),
    };

    private LimitSettings Limits(LimitsSection section)
    {
        var usual = LimitSettings.Default;
        return new()
        {
            RequestsPerSecond = Limit("requestsPerSecond", section.RequestsPerSecond ?? usual.RequestsPerSecond),
            Burst = Limit("burst", section.Burst ?? usual.Burst),
            UnknownPerSecond = Limit("unknownPerSecond", section.UnknownPerSecond ?? usual.UnknownPerSecond),
            UnknownBurst = Limit("unknownBurst", section.UnknownBurst ?? usual.UnknownBurst),
            Questions = Limit("questions", section.Questions ?? usual.Questions),
            Streams = Limit("streams", section.Streams ?? usual.Streams),
            Connections = Limit("connections", section.Connections ?? usual.Connections),
            RequestTime = TimeSpan.FromSeconds(Limit("requestSeconds", section.RequestSeconds ?? (int)usual.RequestTime.TotalSeconds)),
        };

        int Limit(string name, int number) => checks.Within($"limits.{name}", number, 1_000_000);
    }

    private IPEndPoint Server(string path, string? text)
    {
        if (!IPEndPoint.TryParse(text ?? "", out var server))
        {
            return checks.Fail(new IPEndPoint(IPAddress.None, DnsPort), $"{path}: '{text}' is no address; allowed: ADDRESS, ADDRESS:PORT or [ADDRESS]:PORT");
        }

        return server.Port == 0 ? new(server.Address, DnsPort) : server;
    }

    private Uri Listen(string? text, bool development)
    {
        var listen = ControllerOptions.DefaultListen;
        if (text is not null && (!Uri.TryCreate(text, UriKind.Absolute, out listen) || listen.Scheme is not ("http" or "https") || listen.PathAndQuery != "/"))
        {
            return checks.Fail(ControllerOptions.DefaultListen, $"listen: '{text}' is no address to listen at; allowed: http://ADDRESS:PORT or https://ADDRESS:PORT");
        }

        if (listen!.Host != "localhost" && !IPAddress.TryParse(listen.Host.Trim('[', ']'), out _))
        {
            checks.Add($"listen: '{listen.Host}' is neither an IP address nor localhost");
        }

        if (development && !listen.IsLoopback)
        {
            checks.Add($"listen: --development lets everybody in, so it may only listen at a loopback address, not at {listen.Host}");
        }

        return listen;
    }

    private TlsFiles? Tls(TlsSection? section, Uri listen)
    {
        if (section is null)
        {
            return listen.Scheme == "https" ? checks.Fail<TlsFiles>("tls: an https address needs tls.certificate and tls.key") : null;
        }

        if (listen.Scheme != "https")
        {
            checks.Add($"tls: given, but listen is {listen.Scheme}");
        }

        return new(checks.ReadableFile("tls.certificate", section.Certificate), checks.ReadableFile("tls.key", section.Key), section.ClientCa is { } authority ? checks.ReadableFile("tls.clientCa", authority) : null);
    }

    private SyslogSettings? Syslog(SyslogSection? section)
    {
        if (section is null)
        {
            return null;
        }

        var authority = section.Authority is { } file ? checks.ReadableFile("audit.syslog.authority", file) : null;
        return Uri.TryCreate(section.Url, UriKind.Absolute, out var url) && url.Scheme is SyslogSettings.Plain or SyslogSettings.Secure
            && url is { Host.Length: > 0, Port: > 0, PathAndQuery: "/" or "" }
            ? new(url, authority)
            : checks.Fail<SyslogSettings>($"audit.syslog.url: '{section.Url}' is no collector's address; allowed: tcp://HOST:PORT or tls://HOST:PORT");
    }

    private Uri? Broker(BrokerSection? section)
    {
        var text = environment("OSC_BROKER") ?? section?.Url;
        if (text is null)
        {
            return null;
        }

        if (!Uri.TryCreate(text, UriKind.Absolute, out var broker) || broker.Scheme is not ("amqp" or "amqps"))
        {
            // Not repeated: it may hold a password.
            return checks.Fail<Uri>("broker.url: not of the form amqp://USER[:PASSWORD]@HOST[:PORT][/VHOST] (or amqps://)");
        }

        if ((environment("OSC_BROKER_PASSWORD_FILE") ?? section?.PasswordFile) is { } file && checks.ReadSecret("broker.passwordFile", file) is { } password)
        {
            var user = broker.UserInfo.Split(':')[0];
            return new UriBuilder(broker) { UserName = user, Password = Uri.EscapeDataString(password) }.Uri;
        }

        return broker;
    }

    private BrokerTls BrokerTlsOf(BrokerSection? section)
    {
        if (section is null or { Authority: null, Certificate: null, Key: null })
        {
            return BrokerTls.MachineTrust;
        }

        if ((environment("OSC_BROKER") ?? section.Url)?.StartsWith("amqps:", StringComparison.Ordinal) != true)
        {
            checks.Add("broker: authority, certificate and key are for an amqps:// url");
        }

        if (section.Certificate is null != section.Key is null)
        {
            checks.Add("broker: certificate and key go together");
        }

        return new(Readable("broker.authority", section.Authority), Readable("broker.certificate", section.Certificate), Readable("broker.key", section.Key));

        string? Readable(string path, string? file) => file is null ? null : checks.ReadableFile(path, file);
    }

    /// <param name="broker">The controller's own url of the broker, which agents are told unless the section says another.</param>
    private EnrolmentSettings? Enrolment(EnrolmentSection section, string? broker)
    {
        const int UsualDays = 365;
        var life = TimeSpan.FromDays(checks.Within("enrolment.days", section.Days ?? UsualDays, 3_660));
        var (authority, key) = (checks.ReadableFile("enrolment.authority", section.Authority), checks.ReadableFile("enrolment.key", section.Key));
        return Uri.TryCreate(section.Broker ?? broker, UriKind.Absolute, out var uri) && uri.Scheme == "amqps"
            ? new(authority, key, life, new UriBuilder(uri) { UserName = "", Password = "" }.Uri)
            : checks.Fail<EnrolmentSettings>("enrolment.broker: not of the form amqps://HOST[:PORT][/VHOST], nor is broker.url: certificates are for TLS");
    }

    private List<LocalAgent> Agents(IReadOnlyList<AgentSection?> sections)
    {
        var agents = new List<LocalAgent>();
        for (var i = 0; i < sections.Count; i++)
        {
            var section = sections[i] ?? new();
            if (!Name.TryParse(section.Host, out var host) || agents.Any(a => a.Host == host))
            {
                checks.Add($"agents[{i}].host: missing, no host's name, or there twice; allowed: {Name.Allowed}");
            }

            if (section.State is null)
            {
                checks.Add($"agents[{i}].state: missing; a directory where the agent keeps its flows");
            }

            var run = checks.UsablePath($"agents[{i}].ovs.runDirectory", section.Ovs?.RunDirectory ?? DefaultRunDirectory);
            var database = checks.UsablePath($"agents[{i}].ovs.database", section.Ovs?.Database ?? Path.Combine(run, "db.sock"));
            agents.Add(new(host, run, database, section.State is { } state ? checks.UsablePath($"agents[{i}].state", state) : ""));
        }

        return agents;
    }
}
