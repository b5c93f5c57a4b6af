using System.Text;
using Osc.Agent.Configuration;
using Osc.Controller.Configuration;
using Osc.Fuzz.Engine;

namespace Osc.Fuzz.Targets;

/// <summary>Configuration files: options, or errors that say what is allowed.</summary>
internal static class ConfigurationTargets
{
    private const string AgentFile =
        """
        {
          // comments are fine
          "host": "h1", "broker": "amqps://osc@localhost:5671/osc", "brokerAuthority": "/etc/osc/ca.pem",
          "brokerUser": "h1", "ovsRunDirectory": "/var/run/openvswitch",
        }
        """;

    private const string ControllerFile =
        """
        {
          "listen": "http://127.0.0.1:8080", "store": "osc.db", "trafficStore": "traffic.db", "maxFlowsPerHost": 100000,
          "broker": { "url": "amqp://osc:x@localhost/osc" }, "log": { "format": "json", "level": "warning" }, "audit": { "keyFile": "key" },
          "names": { "resolve": true, "servers": [ "127.0.0.1:53", "[::1]:53" ], "maxNames": 100, "maxAddresses": 32, "graceSeconds": 60 },
          "tokens": [
            { "name": "ops", "role": "admin", "sha256": "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef" },
            { "name": "shop", "grants": [ { "role": "editor", "tenants": [ "shop" ], "kinds": [ "Policy" ], "names": [ "web-*" ] } ], "sha256": "1123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef" } ],
          "oidc": [ { "name": "idp", "issuer": "https://localhost/idp", "audience": "osc", "algorithms": [ "ES256" ], "clockSkewSeconds": 30, "actorClaim": "email", "grants": [ { "claim": "groups", "value": "ops", "role": "viewer", "tenantsClaim": "tenants" } ] } ],
          "agents": [ { "host": "h1", "ovs": { "runDirectory": "/var/run/openvswitch" }, "state": "state" } ],
        }
        """;

    private const string CertificatesFile = """{ "listen": "https://127.0.0.1:8443", "tls": { "certificate": "c", "key": "k", "clientCa": "ca" }, "certificates": [ { "subject": "CN=robot", "name": "robot", "role": "viewer" } ] }""";

    private static readonly string File = Path.Combine(Scratch.NewFolder(), "configuration.json");

    public static IReadOnlyList<FuzzTarget> List { get; } =
    [
        new() { Name = "agent-configuration", MaxBytes = 4 * 1024, Seeds = () => [Encoding.UTF8.GetBytes(AgentFile)], Run = ReadAgent },
        new() { Name = "controller-configuration", MaxBytes = 4 * 1024, Seeds = () => [Encoding.UTF8.GetBytes(ControllerFile), Encoding.UTF8.GetBytes(CertificatesFile)], Run = ReadController },
    ];

    private static string ReadAgent(byte[] input)
    {
        System.IO.File.WriteAllBytes(File, input);
        var read = ConfigurationReader.Read(CommandLine.Parse(["--config", File]), static _ => null);
        return read.Errors.Count > 0 ? Shape.Of(read.Errors[0]) : "taken";
    }

    private static string ReadController(byte[] input)
    {
        System.IO.File.WriteAllBytes(File, input);
        var read = OptionsReader.Read(File, development: false, static _ => null);
        Oracle.Holds(read.Options is null == read.Errors.Count > 0, "options or errors");
        return read.Errors.Count > 0 ? Shape.Of(read.Errors[0]) : "taken";
    }
}
