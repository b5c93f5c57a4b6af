using Osc.Controller.Configuration;
using Xunit;

namespace Osc.Controller.Tests.Configuration;

/// <summary>In configurations and messages {dir} is the test's directory.</summary>
public sealed class OptionsReaderTests : IDisposable
{
    private const string Digest = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"; // of "test"
    private const string Token = $$"""{ "name": "a", "role": "admin", "sha256": "{{Digest}}" }""";
    private const string NameError = "missing or not usable; it names the actor in the audit log; allowed: 1 to 200 characters, none of them a control character or /, and not osc, unknown or development";
    private const string HostError = "missing, no host's name, or there twice; allowed: 1 to 63 characters of a-z, 0-9 and '-', beginning and ending with a letter or digit";
    private const string ListenAllowed = "allowed: http://ADDRESS:PORT or https://ADDRESS:PORT";

    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("osc-options-");

    public void Dispose() => directory.Delete(recursive: true);

    [Theory]
    [InlineData("\"listen\": \"localhost:80\"", $"listen: 'localhost:80' is no address to listen at; {ListenAllowed}")]
    [InlineData("\"listen\": \"\"", $"listen: '' is no address to listen at; {ListenAllowed}")]
    [InlineData("\"listen\": \"ftp://127.0.0.1\"", $"listen: 'ftp://127.0.0.1' is no address to listen at; {ListenAllowed}")]
    [InlineData("\"listen\": \"http://127.0.0.1/api\"", $"listen: 'http://127.0.0.1/api' is no address to listen at; {ListenAllowed}")]
    [InlineData("\"listen\": \"http://osc.example.com\"", "listen: 'osc.example.com' is neither an IP address nor localhost")]
    [InlineData("\"listen\": \"https://[::1]:1\"", "tls: an https address needs tls.certificate and tls.key")]
    [InlineData("\"tls\": { \"certificate\": \"{dir}/full\", \"key\": \"{dir}/full\" }", "tls: given, but listen is http")]
    [InlineData("\"listen\": \"https://[::1]:1\", \"tls\": { \"key\": \"{dir}/none\" }", "tls.certificate: missing", "tls.key: there is no file {dir}/none")]
    [InlineData("\"store\": \"\"", "store: the text is no path")]
    [InlineData("\"broker\": { \"url\": \"rabbit\" }", "broker.url: not of the form amqp://USER[:PASSWORD]@HOST[:PORT][/VHOST] (or amqps://)")]
    [InlineData("\"broker\": { \"url\": \"amqp://u@b\", \"passwordFile\": \"{dir}/none\" }", "broker.passwordFile: Could not find file '{dir}/none'.")]
    [InlineData("\"broker\": { \"url\": \"amqp://u@b\", \"passwordFile\": \"{dir}/empty\" }", "broker.passwordFile: {dir}/empty is empty")]
    [InlineData("\"broker\": { \"url\": \"amqp://u@b\", \"authority\": \"{dir}/empty\" }", "broker: authority, certificate and key are for an amqps:// url")]
    [InlineData("\"broker\": { \"url\": \"amqps://b\", \"certificate\": \"{dir}/empty\" }", "broker: certificate and key go together")]
    [InlineData("\"broker\": { \"url\": \"amqps://b\", \"authority\": \"{dir}/none\" }", "broker.authority: there is no file {dir}/none")]
    [InlineData("\"broker\": { \"url\": \"amqp://u@b\" }, \"enrolment\": { \"authority\": \"{dir}/empty\", \"key\": \"{dir}/empty\" }", "enrolment.broker: not of the form amqps://HOST[:PORT][/VHOST], nor is broker.url: certificates are for TLS")]
    [InlineData("\"broker\": { \"url\": \"amqps://b\" }, \"enrolment\": { \"authority\": \"{dir}/empty\", \"key\": \"{dir}/empty\", \"days\": 0 }", "enrolment.days: 0 is not possible; allowed: 1 to 3660")]
    [InlineData("\"broker\": { \"url\": \"amqps://b\" }, \"enrolment\": { \"authority\": \"{dir}/empty\" }", "enrolment.key: missing")]
    [InlineData("\"log\": { \"format\": \"xml\" }", "log.format: 'xml' is not known; allowed: text, json")]
    [InlineData("\"log\": { \"format\": \"1\" }", "log.format: '1' is not known; allowed: text, json")]
    [InlineData("\"log\": { \"level\": \"loud\" }", "log.level: 'loud' is not known; allowed: trace, debug, information, warning, error, critical, none")]
    [InlineData("\"audit\": { \"keyFile\": \"\", \"keepDays\": 0, \"archive\": \"\" }", "audit.keyFile: the text is no path", "audit.keepDays: 0 is not possible; allowed: 1 to 36500", "audit.archive: the text is no path")]
    [InlineData("\"audit\": { \"syslog\": { \"url\": \"udp://collector:514\", \"authority\": \"{dir}/none\" } }", "audit.syslog.authority: there is no file {dir}/none", "audit.syslog.url: 'udp://collector:514' is no collector's address; allowed: tcp://HOST:PORT or tls://HOST:PORT")]
    [InlineData("\"audit\": { \"syslog\": { \"url\": \"tls://collector\" } }", "audit.syslog.url: 'tls://collector' is no collector's address; allowed: tcp://HOST:PORT or tls://HOST:PORT")]
    [InlineData("\"maxFlowsPerHost\": 0", "maxFlowsPerHost: 0 is not possible; allowed: 1 to 1000000")]
    [InlineData("\"maxFlowsPerHost\": 1000001", "maxFlowsPerHost: 1000001 is not possible; allowed: 1 to 1000000")]
    [InlineData("\"names\": { \"servers\": [ \"10.0.0.53\", \"dns\" ] }", "names.servers[1]: 'dns' is no address; allowed: ADDRESS, ADDRESS:PORT or [ADDRESS]:PORT")]
    [InlineData("\"names\": { \"maxNames\": 0, \"maxAddresses\": 1001 }", "names.maxNames: 0 is not possible; allowed: 1 to 100000", "names.maxAddresses: 1001 is not possible; allowed: 1 to 1000")]
    [InlineData("\"names\": { \"graceSeconds\": 604801 }", "names.graceSeconds: 604801 is not possible; allowed: 1 to 604800")]
    [InlineData(
        "\"oidc\": [ { \"name\": \"agent\", \"issuer\": \"http://login.example.com\", \"algorithms\": [ \"HS256\" ], \"clockSkewSeconds\": 301, \"grants\": [ { \"role\": \"viewer\" } ] } ]",
        "oidc[0].name: missing, there twice, or not usable; it stands before the actor's name in the audit log; allowed: 1 to 63 characters of a-z, 0-9 and '-', beginning and ending with a letter or digit, and not agent",
        "oidc[0].issuer: missing, there twice, or no address whose keys can be believed; allowed: https://...",
        "oidc[0].audience: missing; without it a token for any other service of the issuer would do here",
        "oidc[0].clockSkewSeconds: 301 is not possible; allowed: 0 to 300",
        "oidc[0].grants[0]: needs claim and value",
        "oidc[0].algorithms: 'HS256' is not possible; allowed: RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512")]
    [InlineData("\"oidc\": [ { \"name\": \"corp\", \"issuer\": \"https://a\", \"audience\": \"osc\", \"algorithms\": [] } ]", "oidc[0].algorithms: there is none; leave the field out for RS256, PS256, ES256")]
    [InlineData(
        "\"certificates\": [ { \"name\": \"a\", \"subject\": \"what\", \"role\": \"viewer\" } ]",
        "certificates: given, but without tls.clientCa clients show none",
        "certificates[0].name: 'a' is there twice",
        "certificates[0].subject: missing, there twice, or no distinguished name; allowed: for example CN=connector-1, O=Example")]
    [InlineData("\"limits\": { \"burst\": 0, \"requestSeconds\": 1000001 }", "limits.burst: 0 is not possible; allowed: 1 to 1000000", "limits.requestSeconds: 1000001 is not possible; allowed: 1 to 1000000")]
    [InlineData("\"agents\": [ { \"host\": \"H_1\" } ]", $"agents[0].host: {HostError}", "agents[0].state: missing; a directory where the agent keeps its flows")]
    [InlineData("\"agents\": [ { \"host\": \"h1\", \"state\": \"/a\" }, { \"host\": \"h1\", \"state\": \"/b\" } ]", $"agents[1].host: {HostError}")]
    [InlineData("\"agents\": [ { \"host\": \"h1\", \"state\": \"/a\", \"ovs\": { \"runDirectory\": \"\" , \"database\": \"\" } } ]", "agents[0].ovs.runDirectory: the text is no path", "agents[0].ovs.database: the text is no path")]
    public void Wrong_setting_is_told_with_its_path(string setting, params string[] errors) => AssertErrors($$"""{ {{setting}}, "tokens": [ {{Token}} ] }""", errors);

    [Theory]
    [InlineData("", "tokens: there is none, so nobody could use the API; name at least one, or start with --development")]
    [InlineData("null", $"tokens[0].name: {NameError}", "tokens[0].role: missing; allowed: viewer, editor, approver, auditor, admin, agent", "tokens[0]: needs either sha256 or file")]
    [InlineData($$"""{ "name": "osc", "role": "admin", "sha256": "{{Digest}}" }""", $"tokens[0].name: {NameError}")]
    [InlineData($$"""{ "name": "agent/h1", "role": "admin", "sha256": "{{Digest}}" }""", $"tokens[0].name: {NameError}")]
    [InlineData($$"""{ "name": "a\nb", "role": "admin", "sha256": "{{Digest}}" }""", $"tokens[0].name: {NameError}")]
    [InlineData($$"""{{Token}}, {{Token}}""", "tokens[1].name: 'a' is there twice")]
    [InlineData($$"""{ "name": "a", "role": "king", "sha256": "{{Digest}}" }""", "tokens[0].role: 'king' is not known; allowed: viewer, editor, approver, auditor, admin, agent")]
    [InlineData($$"""{ "name": "a", "role": "viewer", "tenants": [], "sha256": "{{Digest}}" }""", "tokens[0].tenants: 0 entries; allowed: 1 to 100; leave the field out for all")]
    [InlineData($$"""{ "name": "a", "role": "viewer", "tenants": [ "Shop" ], "names": [ null ], "sha256": "{{Digest}}" }""", "tokens[0].tenants[0]: 'Shop' is none; allowed: a name, in which * stands for any characters", "tokens[0].names[0]: '' is none; allowed: a name, in which * stands for any characters")]
    [InlineData($$"""{ "name": "a", "role": "viewer", "kinds": [ "0" ], "sha256": "{{Digest}}" }""", "tokens[0].kinds[0]: '0' is none; allowed: Tenant, Cloud, Network, Host, Workload, DnsName, SecurityGroup, Service, Policy, InspectionChain, Assertion")]
    [InlineData($$"""{ "name": "a", "role": "viewer", "grants": [ { "role": "viewer" } ], "sha256": "{{Digest}}" }""", "tokens[0]: needs either grants, at least one, or role with tenants, kinds and names")]
    [InlineData($$"""{ "name": "a", "grants": [], "sha256": "{{Digest}}" }""", "tokens[0]: needs either grants, at least one, or role with tenants, kinds and names")]
    [InlineData("""{ "name": "a", "role": "viewer", "sha256": "12ab" }""", "tokens[0].sha256: not 64 hexadecimal digits")]
    [InlineData($$"""{ "name": "a", "role": "viewer", "sha256": "{{Digest}}", "file": "{dir}/full" }""", "tokens[0]: needs either sha256 or file")]
    [InlineData("""{ "name": "a", "role": "viewer", "file": "{dir}/none" }""", "tokens[0].file: Could not find file '{dir}/none'.")]
    [InlineData("""{ "name": "a", "role": "viewer", "file": "{dir}/empty" }""", "tokens[0].file: {dir}/empty is empty")]
    public void Wrong_token_is_told_with_its_place(string tokens, params string[] errors) => AssertErrors($$"""{ "tokens": [ {{tokens}} ] }""", errors);

    [Fact]
    public void All_errors_are_told_at_once() => AssertErrors(
        """{ "listen": "x", "log": { "format": "xml", "level": "loud" }, "broker": {}, "tokens": [ { "name": "a" } ] }""",
        $"listen: 'x' is no address to listen at; {ListenAllowed}",
        "tokens[0].role: missing; allowed: viewer, editor, approver, auditor, admin, agent",
        "tokens[0]: needs either sha256 or file",
        "log.format: 'xml' is not known; allowed: text, json",
        "log.level: 'loud' is not known; allowed: trace, debug, information, warning, error, critical, none");

    [Theory]
    [InlineData("http://0.0.0.0:80", "0.0.0.0")]
    [InlineData("http://10.0.0.5:80", "10.0.0.5")]
    [InlineData("http://[::]:80", "[::]")]
    public void Development_is_refused_where_others_can_reach_it(string listen, string host) => Assert.Equal(
        [$"listen: --development lets everybody in, so it may only listen at a loopback address, not at {host}"],
        OptionsReader.Read(null, development: true, v => v == "OSC_LISTEN" ? listen : null).Errors);

    [Theory]
    [InlineData("http://127.0.0.1:0")]
    [InlineData("http://localhost:80")]
    [InlineData("http://[::1]:80")]
    public void Development_needs_no_token_on_a_loopback_address(string listen) =>
        Assert.True(OptionsReader.Read(null, development: true, v => v == "OSC_LISTEN" ? listen : null).Options!.Development);

    [Fact]
    public void Defaults_hold_where_nothing_is_said()
    {
        var options = Read($$"""{ "tokens": [ {{Token}} ], }""").Options!;
        Assert.Equal((new Uri("http://127.0.0.1:8080"), "/var/lib/osc/controller.db", LogFormat.Text), (options.Listen, options.Store, options.LogFormat));
        Assert.Equal((null, null, false), (options.Broker, options.Tls, options.Development));
        Assert.Empty(options.Agents);
    }

    [Fact]
    public void Environment_is_stronger_than_the_file()
    {
        Write("password", "p@ss/ word\n");
        var environment = new Dictionary<string, string>
        {
            ["OSC_LISTEN"] = "http://127.0.0.2:2",
            ["OSC_STORE"] = "/two",
            ["OSC_BROKER"] = "amqp://u@two:5673/osc",
            ["OSC_BROKER_PASSWORD_FILE"] = Path.Combine(directory.FullName, "password"),
            ["OSC_LOG_FORMAT"] = "JSON",
            ["OSC_LOG_LEVEL"] = "debug",
        };
        var file = $$"""{ "listen": "http://127.0.0.1:1", "store": "/one", "broker": { "url": "amqp://one" }, "log": { "format": "text", "level": "error" }, "tokens": [ {{Token}} ] }""";
        var (options, errors) = Read(file, environment.GetValueOrDefault);
        Assert.Empty(errors);
        Assert.Equal(("http://127.0.0.2:2/", "/two", LogFormat.Json, "Debug"), (options!.Listen.ToString(), options.Store, options.LogFormat, options.LogLevel.ToString()));
        Assert.Equal(("amqp://u:p%40ss%2F%20word@two:5673/osc", "p@ss/ word"), (options.Broker!.AbsoluteUri, Uri.UnescapeDataString(options.Broker.UserInfo.Split(':')[1])));
    }

    [Fact]
    public void Token_is_kept_as_its_digest_wherever_it_comes_from()
    {
        Write("secret", " test\n");
        var options = Read($$"""{ "tokens": [ {{Token}}, { "name": "b", "role": "Viewer", "file": "{dir}/secret" } ] }""").Options!;
        Assert.Equal([("a", "admin (everything)", Digest), ("b", "viewer (everything)", Digest)], options.Tokens.Select(t => (t.Name, t.Grants.Single().ToString(), Convert.ToHexStringLower(t.Sha256.Span))));
    }

    [Fact]
    public void Token_has_the_grants_that_it_says()
    {
        var options = Read($$"""
            { "tokens": [
              { "name": "a", "role": "editor", "tenants": [ "shop", "shop-*" ], "kinds": [ "policy" ], "names": [ "web-*" ], "sha256": "{{Digest}}" },
              { "name": "b", "grants": [ { "role": "viewer" }, { "role": "editor", "tenants": [ "bank" ] } ], "sha256": "{{Digest}}" } ] }
            """).Options!;
        Assert.Equal(["editor (tenants shop, shop-*; kinds Policy; names web-*)"], options.Tokens[0].Grants.Select(g => g.ToString()));
        Assert.Equal(["viewer (everything)", "editor (tenants bank)"], options.Tokens[1].Grants.Select(g => g.ToString()));
    }

    private void AssertErrors(string configuration, params string[] errors)
    {
        Write("empty", " \n");
        Write("full", "something");
        var read = Read(configuration);
        Assert.Equal(errors.Select(e => e.Replace("{dir}", directory.FullName, StringComparison.Ordinal)), read.Errors);
        Assert.Null(read.Options);
    }

    private OptionsResult Read(string configuration, Func<string, string?>? environment = null)
    {
        Write("controller.json", configuration.Replace("{dir}", directory.FullName, StringComparison.Ordinal));
        return OptionsReader.Read(Path.Combine(directory.FullName, "controller.json"), development: false, environment ?? (_ => null));
    }

    private void Write(string name, string text) => File.WriteAllText(Path.Combine(directory.FullName, name), text);
}
