using Osc.Agent.Configuration;
using Xunit;

namespace Osc.Agent.Tests.Configuration;

public sealed class ConfigurationReaderTests : IDisposable
{
    private readonly string file = Path.GetTempFileName();

    public void Dispose() => File.Delete(file);

    [Fact]
    public void Options_go_before_variables_and_variables_before_the_file()
    {
        File.WriteAllText(file, """{ "host": "a", "broker": "amqp://b", "helloSeconds": 5, "resyncSeconds": "6" }""");
        var read = ConfigurationReader.Read(
            CommandLine.Parse(["--config", file, "--host=c"]), v => v is "OSC_AGENT_HOST" ? "b" : v is "OSC_AGENT_HELLO_SECONDS" ? "7" : null);
        Assert.Empty(read.Errors);
        Assert.Equal(("c", 7d, 6d), (read.Configuration.Host.ToString(), read.Configuration.HelloEvery.TotalSeconds, read.Configuration.ResyncEvery.TotalSeconds));
    }

    [Fact]
    public void Every_error_is_told_with_its_line_and_what_is_allowed()
    {
        File.WriteAllText(file, "{ \"host\": \"A\",\n \"broker\": \"http://b\",\n \"helloSeconds\": 0,\n \"colour\": 1 }");
        var errors = ConfigurationReader.Read(CommandLine.Parse(["--config", file]), _ => null).Errors;
        Assert.Equal(4, errors.Count);
        Assert.StartsWith($"{file}:1: host: 'A' is not allowed; allowed: 1 to 63", errors[0], StringComparison.Ordinal);
        Assert.StartsWith($"{file}:2: broker: 'http://b' is not allowed", errors[1], StringComparison.Ordinal);
        Assert.StartsWith($"{file}:3: helloSeconds: '0' is not allowed; allowed: 1 to 86400", errors[2], StringComparison.Ordinal);
        Assert.StartsWith($"{file}:4: colour: no such key", errors[3], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("auto", null, false)]
    [InlineData("off", null, true)]
    [InlineData("/dev/xen/xenbus", "/dev/xen/xenbus", false)]
    [InlineData("/run/xs.sock", "/run/xs.sock", false)]
    public void Xenstore_is_looked_for_left_out_or_named(string value, string? path, bool isOff)
    {
        var read = ConfigurationReader.Read(CommandLine.Parse(["--host=h", "--broker=amqp://b", $"--xenstore={value}"]), _ => null);
        Assert.Empty(read.Errors);
        Assert.Equal((path, isOff), (read.Configuration.Xenstore?.Path, read.Configuration.XenstoreOff));
        Assert.Equal(path?.StartsWith("/dev", StringComparison.Ordinal), read.Configuration.Xenstore?.IsDevice);
    }

    [Fact]
    public void Xenstore_that_is_no_path_is_refused() =>
        Assert.Contains("allowed: auto", Assert.Single(ConfigurationReader.Read(CommandLine.Parse(["--host=h", "--broker=amqp://b", "--xenstore=yes"]), _ => null).Errors), StringComparison.Ordinal);

    [Theory]
    [InlineData("--broker=amqp://b --broker-authority=/ca.pem", "brokerAuthority, brokerCertificate, brokerKey: these are for a broker at amqps://")]
    [InlineData("--broker=amqps://b --broker-certificate=/a.pem", "brokerCertificate, brokerKey: they go together")]
    public void Certificates_are_for_a_broker_by_tls_and_with_their_key(string arguments, string error) =>
        Assert.Equal([error], ConfigurationReader.Read(CommandLine.Parse(["--host=h", .. arguments.Split(' ')]), _ => null).Errors);

    [Fact]
    public void Agent_that_enrols_need_not_know_the_broker_yet()
    {
        var line = CommandLine.Parse(["--enrol", "https://osc.example", "--host=h"]);
        Assert.Equal((CommandLineAction.Enrol, "https://osc.example"), (line.Action, line.Controller));
        Assert.Empty(ConfigurationReader.Read(line, _ => null).Errors);
        Assert.Single(ConfigurationReader.Read(CommandLine.Parse(["--enrol=https://osc.example"]), _ => null).Errors);
    }

    [Theory]
    [InlineData("--enrol", "--enrol needs a value")]
    [InlineData("--nonsense", "'--nonsense' is no option")]
    [InlineData("--host", "--host needs a value")]
    public void A_command_line_that_makes_no_sense_is_told(string argument, string error) => Assert.Equal(error, CommandLine.Parse([argument]).Error);
}
