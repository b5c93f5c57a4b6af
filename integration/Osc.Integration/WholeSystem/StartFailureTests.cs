using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using Osc.Lab;
using Osc.Store;
using Xunit;

namespace Osc.Integration.WholeSystem;

/// <summary>
/// The real programs where they cannot do what they are asked: the exit code, a line on standard error for each thing that is
/// wrong, no stack trace, and nothing made or changed. In the tables {dir} is the test's directory and {error} is any text.
/// </summary>
public sealed class StartFailureTests : IDisposable
{
    private const string Token = """{ "name": "a", "role": "admin", "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08" }""";
    private const string Sound = """{ "listen": "http://127.0.0.1:0", "store": "{dir}/osc.db", "tokens": [ """ + Token + " ] }";

    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("osc-start-");

    public void Dispose() => directory.Delete(recursive: true);

    [Theory]
    [InlineData("""{ "listen": """, "{dir}/c.json:1:{error}: not JSON: {error}")]
    [InlineData("{\n \"store\": \"a\",\n oops\n}", "{dir}/c.json:3:{error}: not JSON: {error}")]
    [InlineData("null", "{dir}/c.json: the file says null")]
    [InlineData("{\n \"colour\": 1\n}", "{dir}/c.json:2:{error}: $.colour: there is no such setting")]
    [InlineData("{\n \"log\": { \"colour\": 1 }\n}", "{dir}/c.json:2:{error}: $.log.colour: there is no such setting")]
    [InlineData("{\n \"listen\": 5\n}", "{dir}/c.json:2:{error}: $.listen: not the kind of value that this setting takes")]
    [InlineData("""{ "tokens": {} }""", "{dir}/c.json:1:{error}: $.tokens: not the kind of value that this setting takes")]
    [InlineData("""{ "listen": "here", "tokens": [ TOKEN ] }""", "listen: 'here' is no address to listen at; allowed: http://ADDRESS:PORT or https://ADDRESS:PORT")]
    [InlineData("""{ "listen": "http://example.com:80", "tokens": [ TOKEN ] }""", "listen: 'example.com' is neither an IP address nor localhost")]
    [InlineData("""{ "listen": "https://127.0.0.1:0", "tokens": [ TOKEN ] }""", "tls: an https address needs tls.certificate and tls.key")]
    [InlineData("""{ "store": "", "tokens": [ TOKEN ] }""", "store: the text is no path")]
    [InlineData("""{ "store": "a\u0000b", "tokens": [ TOKEN ] }""", "store: the text is no path")]
    [InlineData("""{ "broker": { "url": "http://u:secret@b" }, "tokens": [ TOKEN ] }""", "broker.url: not of the form amqp://USER[:PASSWORD]@HOST[:PORT][/VHOST] (or amqps://)")]
    [InlineData("""{ "log": { "level": "loud" }, "tokens": [ TOKEN ] }""", "log.level: 'loud' is not known; allowed: {error}")]
    [InlineData("{}", "tokens: there is none, so nobody could use the API; name at least one, or start with --development")]
    [InlineData("""{ "tokens": [ { "name": "a", "role": "king", "sha256": "12" } ] }""", "tokens[0].role: 'king' is not known; allowed: viewer, editor, approver, auditor, admin, agent\ntokens[0].sha256: not 64 hexadecimal digits")]
    [InlineData("""{ "tokens": [ { "name": "a", "role": "admin", "file": "{dir}/nothing" } ] }""", "tokens[0].file: Could not find file '{dir}/nothing'.")]
    [InlineData("""{ "tokens": [ { "name": "a", "role": "admin", "file": "" } ] }""", "tokens[0].file: {error}")]
    [InlineData("""{ "tokens": [ TOKEN, null ] }""", "tokens[1].name: missing{error}\ntokens[1].role: missing{error}\ntokens[1]: needs either sha256 or file")]
    public async Task Wrong_configuration_is_told_a_line_for_each_error(string configuration, string errors)
    {
        Write("c.json", configuration.Replace("TOKEN", Token, StringComparison.Ordinal));
        foreach (var program in new[] { "osc-controller", "osc-standalone" })
        {
            await AssertFailsAsync(program, ["--config", "{dir}/c.json"], 2, errors);
        }
    }

    [Theory]
    [InlineData("--config {dir}/nothing.json", "cannot read the configuration file: Could not find file '{dir}/nothing.json'.")]
    [InlineData("--config {dir}", "cannot read the configuration file: {error}")]
    [InlineData("--config", "--config needs a file")]
    [InlineData("--config ", "cannot read the configuration file: {error}")]
    [InlineData("--nonsense", "unknown argument '--nonsense'; see --help")]
    [InlineData("--development --config {dir}/open.json", "listen: --development lets everybody in, so it may only listen at a loopback address, not at 0.0.0.0")]
    public async Task Wrong_command_line_is_told(string arguments, string error)
    {
        Write("open.json", """{ "listen": "http://0.0.0.0:0" }""");
        await AssertFailsAsync("osc-controller", arguments.Split(' '), 2, error);
    }

    [Theory]
    [InlineData("osc-controller", """{ "agents": [ { "host": "h1", "state": "{dir}/h1" } ], SOUND""", "agents: this program runs none; osc-standalone does")]
    [InlineData("osc-standalone", """{ "broker": { "url": "amqp://u@b" }, SOUND""", "broker: this program has a bus of its own; osc-controller uses a broker")]
    [InlineData("osc-standalone", """{ "agents": [ null, { "host": "h1", "state": "" } ], SOUND""", "agents[0].host: missing{error}\nagents[0].state: missing{error}\nagents[1].state: the text is no path")]
    [InlineData("osc-standalone", """{ "agents": [ { "host": "h1", "state": "{dir}/c.json" } ], SOUND""", "agent h1: the state directory {dir}/c.json cannot be used{error}")]
    public async Task Configuration_of_the_other_program_is_told(string program, string configuration, string errors)
    {
        Write("c.json", configuration.Replace("SOUND", Sound[1..], StringComparison.Ordinal));
        MakeStore();
        await AssertFailsAsync(program, ["--config", "{dir}/c.json"], 2, errors);
    }

    [Theory]
    [InlineData("garbage", "is no SQLite database: name another file, or restore it from a backup")]
    [InlineData("empty", "is an empty file: restore it from a backup, or remove it to begin anew")]
    [InlineData("truncated", "is damaged ({error}): restore it from a backup")]
    [InlineData("directory", "is a directory: name a file")]
    [InlineData("nowhere", "has no directory to stand in: create the directory first")]
    public async Task Store_that_cannot_be_used_is_told_and_left_as_it_is(string what, string error)
    {
        Write("c.json", Sound.Replace("osc.db", what == "nowhere" ? "nowhere/osc.db" : "osc.db", StringComparison.Ordinal));
        switch (what)
        {
            case "garbage":
                Write("osc.db", "not a store, and longer than the sixteen bytes that tell one");
                break;
            case "empty":
                Write("osc.db", "");
                break;
            case "truncated":
                MakeStore();
                using (var file = File.OpenWrite(InDirectory("{dir}/osc.db")))
                {
                    file.SetLength(file.Length / 2);
                }

                break;
            case "directory":
                directory.CreateSubdirectory("osc.db");
                break;
        }

        await AssertFailsAsync("osc-controller", ["--config", "{dir}/c.json"], 3, $"the store {{dir}}/{(what == "nowhere" ? "nowhere/" : "")}osc.db {error}");
    }

    [Fact]
    public async Task Store_and_address_of_a_running_controller_are_not_shared()
    {
        await using var space = await LabSpace.ClaimAsync("start");
        var port = RunningSystem.FreePort();
        Write("c.json", Sound.Replace(":0", $":{port}", StringComparison.Ordinal));
        Write("other.json", Sound.Replace(":0", $":{port}", StringComparison.Ordinal).Replace("osc.db", "other.db", StringComparison.Ordinal));
        MakeStore("other.db");
        using var running = space.Start(ProgramRun.PathOf("osc-controller"), ["--config", InDirectory("{dir}/c.json")]);
        await UntilAsync(running, line => line.Contains("listens at", StringComparison.Ordinal));
        File.Copy(InDirectory("{dir}/osc.db.audit-key"), InDirectory("{dir}/other.db.audit-key")); // a log without a key gets one before anything else

        await AssertFailsAsync("osc-controller", ["--config", "{dir}/c.json"], 3, "the store {dir}/osc.db is in use: only one controller may have it open, stop the other one first");
        await AssertFailsAsync("osc-controller", ["--config", "{dir}/other.json"], 4, $"cannot listen at http://127.0.0.1:{port}/: Address already in use");

        const string unknown = "refused: the server asks for a token that it knows: set OSC_TOKEN, or say --token-file FILE";
        await AssertFailsAsync("osc", ["hosts", "--server", $"http://127.0.0.1:{port}"], 1, unknown, ("OSC_TOKEN", "wrong"));
        await AssertFailsAsync("osc", ["hosts", "--server", $"http://127.0.0.1:{port}"], 1, unknown);
    }

    [Theory]
    [InlineData("--broker amqp://127.0.0.1", 1, "host: missing; set it in /etc/osc/agent.json, as OSC_AGENT_HOST or with --host; allowed: {error}")]
    [InlineData("--host h1", 1, "broker: missing; set it in /etc/osc/agent.json, as OSC_AGENT_BROKER or with --broker; allowed: {error}")]
    [InlineData("--host H_1 --broker http://b", 1, "--host: 'H_1' is not allowed; allowed: {error}\n--broker: 'http://b' is not allowed; allowed: {error}")]
    [InlineData("--host h1 --broker amqp://b --config {dir}/nothing.json", 1, "{dir}/nothing.json: Could not find file '{dir}/nothing.json'.")]
    [InlineData("--host h1 --broker amqp://b --config ", 1, "--config: {error}")]
    [InlineData("--host h1 --broker amqp://b --config {dir}/broken.json", 1, "{dir}/broken.json:2: not JSON: {error}")]
    [InlineData("--host h1 --broker amqp://b --config {dir}/surrogate.json", 1, "{dir}/surrogate.json:1: not JSON: {error}")]
    [InlineData("--host h1 --broker amqp://b --config {dir}/unknown.json", 1, "{dir}/unknown.json:2: colour: no such key; allowed: {error}")]
    [InlineData("--host h1 --broker amqp://b --broker-password-file {dir}/nothing", 1, "brokerPasswordFile: Could not find file '{dir}/nothing'.")]
    [InlineData("--host h1 --broker amqp://b --state-directory state", 1, "--state-directory: 'state' is not allowed; allowed: an absolute path")]
    [InlineData("--host h1 --broker amqp://b --state-directory {dir}/broken.json", 3, "the state directory {dir}/broken.json cannot be used{error}")]
    [InlineData("--host h1 --broker amqp://b --state-directory /proc/osc", 3, "the state directory /proc/osc cannot be used{error}")]
    [InlineData("--nonsense", 2, "'--nonsense' is no option; see osc-agent --help")]
    public async Task Agent_that_cannot_start_says_why(string arguments, int exitCode, string errors)
    {
        Write("broken.json", "{ \"host\": \"h1\",\n oops }");
        Write("surrogate.json", """{ "host": "\ud800" }""");
        Write("unknown.json", "{\n \"colour\": 1 }");
        await AssertFailsAsync("osc-agent", arguments.Split(' '), exitCode, errors);
    }

    [Theory]
    [InlineData("hosts", 2, "which server? Say --server URL or set OSC_SERVER")]
    [InlineData("hosts --server ftp://x", 2, "'ftp://x' is no server's address; allowed: https://HOST[:PORT] or http://HOST[:PORT]")]
    [InlineData("hosts --server http://127.0.0.1:1 --token-file {dir}/nothing", 2, "the token cannot be read: {error}")]
    [InlineData("hosts --server http://127.0.0.1:1 --token-file ", 2, "the token cannot be read: {error}")]
    [InlineData("hosts --server http://127.0.0.1:1", 3, "http://127.0.0.1:1/ is out of reach: {error}")]
    [InlineData("apply -f {dir}/sound --server http://127.0.0.1:1", 3, "http://127.0.0.1:1/ is out of reach: {error}")]
    [InlineData("hosts --nonsense", 2, "Unrecognized command or argument '--nonsense'.\nsee: osc hosts --help")]
    [InlineData("check", 2, "Required argument 'DIR' missing{error}\nsee: osc check --help")]
    [InlineData("check {dir}/nothing", 1, "{dir}/nothing: there is no such file or directory\n1 error")]
    [InlineData("check {dir}/sound/nothing", 1, "{dir}/sound/nothing: there is no such file or directory\n1 error")]
    [InlineData("check {dir}/bad", 1, "{dir}/bad/a.yaml:4:18: {error}\n{dir}/bad/b.yaml:{error}\n2 errors")]
    public async Task Command_that_is_refused_says_why(string arguments, int exitCode, string errors)
    {
        const string Service = "apiVersion: osc/v1\nkind: Service\nmetadata: { name: web, tenant: shop }\nspec: { ports: [ PORT ] }\n";
        directory.CreateSubdirectory("sound");
        directory.CreateSubdirectory("bad");
        Write("sound/a.yaml", Service.Replace("PORT", "tcp/80", StringComparison.Ordinal));
        Write("bad/a.yaml", Service.Replace("PORT", "tcp/99999", StringComparison.Ordinal));
        Write("bad/b.yaml", "kind: [\n");
        await AssertFailsAsync("osc", arguments.Split(' '), exitCode, errors);
    }

    private async Task AssertFailsAsync(string program, string[] arguments, int exitCode, string errors, params (string Name, string Value)[] environment)
    {
        var before = Contents();
        var run = await ProgramRun.OfAsync(program, arguments.Select(InDirectory), environment.ToDictionary(e => e.Name, e => e.Value));
        var prefix = program == "osc" ? "" : $"{program}: ";
        Assert.Equal("", run.Output);
        var lines = run.Error.TrimEnd('\n').Split('\n');
        var expected = InDirectory(errors).Split('\n');
        Assert.True(expected.Length == lines.Length && expected.Zip(lines).All(l => Matches(prefix + l.First, l.Second)), $"expected:\n{string.Join('\n', expected)}\nsaid:\n{run.Error}");
        Assert.DoesNotContain("   at ", run.Error, StringComparison.Ordinal);
        Assert.Equal(exitCode, run.ExitCode);
        Assert.Equal(before, Contents());
    }

    /// <summary>Whether a line is as expected, where {error} stands for a text of at least one character that names no type of .NET or ours.</summary>
    private static bool Matches(string expected, string line)
    {
        var pattern = string.Join("(.+)", expected.Split("{error}").Select(Regex.Escape));
        var match = Regex.Match(line, $"^{pattern}$");
        return match.Success && !line.Contains("System.", StringComparison.Ordinal) && !line.Contains("Osc.", StringComparison.Ordinal);
    }

    /// <summary>Every file and directory with its bytes; but for the empty file whose lock tells whether a store is in use.</summary>
    private Dictionary<string, string> Contents() => directory.EnumerateFileSystemInfos("*", SearchOption.AllDirectories)
        .Where(f => f.Extension != ".lock")
        .ToDictionary(f => f.FullName, f => f is FileInfo { Name: not ("osc.db-wal" or "osc.db-shm") } ? Convert.ToHexString(ReadShared(f.FullName)) : "");

    /// <summary>Reads also what a running controller has open.</summary>
    private static byte[] ReadShared(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return bytes;
    }

    private void MakeStore(string name = "osc.db") => PolicyStore.Open(InDirectory("{dir}/") + name, TimeProvider.System).Dispose();

    private void Write(string name, string text) => File.WriteAllText(Path.Combine(directory.FullName, name), InDirectory(text), new UTF8Encoding(false));

    private string InDirectory(string text) => text.Replace("{dir}", directory.FullName, StringComparison.Ordinal);

    private static async Task UntilAsync(Process process, Func<string, bool> isIt)
    {
        while (await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            if (isIt(line))
            {
                return;
            }
        }

        Assert.Fail($"the program ended: {await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken)}");
    }
}
