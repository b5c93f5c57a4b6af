using System.Globalization;
using System.Text;
using Osc.Agent.Logging;
using Osc.Model;
using Osc.Xen.Xenstore;

namespace Osc.Agent.Configuration;

/// <summary>
/// One setting: the key of the file. Its environment variable and its command line option follow from the key:
/// stateDirectory, OSC_AGENT_STATE_DIRECTORY, --state-directory.
/// </summary>
/// <param name="Value">What kind of value, for the help.</param>
/// <param name="Allowed">Which values, for errors and the help.</param>
/// <param name="Take">Puts a value into the configuration; null where it is not allowed.</param>
internal sealed record Setting(string Key, string Value, string Help, string Allowed, Func<AgentConfiguration, string, AgentConfiguration?> Take)
{
    private const int MaxSeconds = 86_400;
    private const int MaxRejects = 1_000_000;

    /// <summary>As many as the agent keeps of all rules together.</summary>
    private const uint MaxLoggedPerSecond = 5_000;

    /// <summary>Every setting there is.</summary>
    public static readonly IReadOnlyList<Setting> All =
    [
        new("host", "NAME", "the host that this agent serves: the name of its Host document; required", Name.Allowed,
            (c, v) => Name.TryParse(v, out var name) ? c with { Host = name } : null),
        new("broker", "URI", "the RabbitMQ broker; required", "amqp://HOST[:PORT][/VHOST] or amqps://...",
            (c, v) => Uri.TryCreate(v, UriKind.Absolute, out var uri) && uri is { Scheme: "amqp" or "amqps", Host.Length: > 0 } ? c with { Broker = uri } : null),
        new("brokerUser", "NAME", "the user on the broker, if not in its URI", "not empty", (c, v) => v.Length > 0 ? c with { BrokerUser = v } : null),
        new("brokerPasswordFile", "FILE", "a file whose first line is the password", "not empty", (c, v) => IsFile(v) ? c with { BrokerPasswordFile = v } : null),
        new("brokerAuthority", "FILE", "PEM: the certificates of which one signed the broker's; default: those that the machine trusts", "not empty", (c, v) => IsFile(v) ? c with { BrokerTls = c.BrokerTls with { AuthorityFile = v } } : null),
        new("brokerCertificate", "FILE", "PEM: the agent's own certificate, which says who it is in place of user and password", "not empty", (c, v) => IsFile(v) ? c with { BrokerTls = c.BrokerTls with { CertificateFile = v } } : null),
        new("brokerKey", "FILE", "PEM: the key of brokerCertificate", "not empty", (c, v) => IsFile(v) ? c with { BrokerTls = c.BrokerTls with { KeyFile = v } } : null),
        new("controllerAuthority", "FILE", "PEM: with --enrol, the certificates of which one signed the controller's; default: those that the machine trusts", "not empty", (c, v) => IsFile(v) ? c with { ControllerAuthority = v } : null),
        new("ovsRunDirectory", "DIR", "where Open vSwitch has its sockets", "an absolute path",
            (c, v) => IsAbsolutePath(v) ? c with { OvsRunDirectory = v } : null),
        new("ovsDatabase", "SOCKET", "the OVSDB server's socket; default: db.sock in ovsRunDirectory", "an absolute path",
            (c, v) => IsAbsolutePath(v) ? c with { OvsDatabase = v } : null),
        new("xenstore", "WHERE", "Xen's store, which knows the guest behind a port: its socket or device", "auto (what the machine has), off, or an absolute path",
            (c, v) => v switch
            {
                "auto" => c with { Xenstore = null, XenstoreOff = false },
                "off" => c with { XenstoreOff = true },
                _ => IsAbsolutePath(v) ? c with { Xenstore = XenstoreEndpoint.Of(v), XenstoreOff = false } : null,
            }),
        new("stateDirectory", "DIR", "where the desired flows are kept", "an absolute path",
            (c, v) => IsAbsolutePath(v) ? c with { StateDirectory = v } : null),
        new("helloSeconds", "N", "how often to tell the controller what is held", $"1 to {MaxSeconds}",
            (c, v) => Seconds(v) is { } time ? c with { HelloEvery = time } : null),
        new("resyncSeconds", "N", "how often to read the switch back and compare", $"1 to {MaxSeconds}",
            (c, v) => Seconds(v) is { } time ? c with { ResyncEvery = time } : null),
        new("trafficSeconds", "N", "how often to read the rules' hits off the switch and report them", $"1 to {MaxSeconds}",
            (c, v) => Seconds(v) is { } time ? c with { TrafficEvery = time } : null),
        new("loggedPerSecond", "N", "how many packets a second, and at once, of each rule that logs; more are counted and not reported", $"1 to {MaxLoggedPerSecond}",
            (c, v) => uint.TryParse(v, NumberStyles.None, CultureInfo.InvariantCulture, out var rate) && rate is >= 1 and <= MaxLoggedPerSecond ? c with { Limits = c.Limits with { LoggedPerSecond = rate } } : null),
        new("restoreBeforeForwarding", "WHETHER", "whether vswitchd, when it starts, forwards nothing on any bridge before this agent has put the flows back", "on or off",
            (c, v) => v is "on" or "off" ? c with { RestoresBeforeForwarding = v == "on" } : null),
        new("rejectPerSecond", "N", "how many rejected packets a second a bridge hands to the agent, to be answered", $"1 to {MaxRejects}",
            (c, v) => Number(v, MaxRejects) is { } rate ? c with { Limits = c.Limits with { RejectedPerSecond = (uint)rate } } : null),
        new("logFormat", "FORMAT", "how log lines look", "text or json",
            (c, v) => v switch { "text" => c with { LogFormat = LogFormat.Text }, "json" => c with { LogFormat = LogFormat.Json }, _ => null }),
        new("logLevel", "LEVEL", "the least that is logged", "debug, info, warning or error",
            (c, v) => v switch
            {
                "debug" => c with { LogLevel = LogLevel.Debug },
                "info" => c with { LogLevel = LogLevel.Info },
                "warning" => c with { LogLevel = LogLevel.Warning },
                "error" => c with { LogLevel = LogLevel.Error },
                _ => null,
            }),
    ];

    public string Variable => "OSC_AGENT_" + Split('_').ToUpperInvariant();

    public string Option => "--" + Split('-').ToLowerInvariant();

    private static bool IsFile(string text) => text.Length > 0 && !text.Contains('\0');

    private static bool IsAbsolutePath(string text) => Path.IsPathRooted(text) && !text.Contains('\0');

    private static TimeSpan? Seconds(string text) => Number(text, MaxSeconds) is { } seconds ? TimeSpan.FromSeconds(seconds) : null;

    private static int? Number(string text, int max) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1 && number <= max ? number : null;

    private string Split(char separator)
    {
        var words = new StringBuilder();
        foreach (var c in Key)
        {
            if (char.IsAsciiLetterUpper(c))
            {
                words.Append(separator);
            }

            words.Append(c);
        }

        return words.ToString();
    }
}
