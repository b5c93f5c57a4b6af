using Osc.Agent.Configuration;
using Osc.Bus.RabbitMq;

namespace Osc.Agent.Enrolment;

/// <summary>osc-agent --enrol: reads the code from standard input, since a command line can be seen by everybody on the machine.</summary>
internal static class EnrolmentProcess
{
    /// <param name="configuration">With the host.</param>
    public static async Task<ExitCode> RunAsync(AgentConfiguration configuration, string controller, TextReader input, TextWriter output, TextWriter errors)
    {
        if (!Uri.TryCreate(controller, UriKind.Absolute, out var uri) || !(uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && uri.IsLoopback)))
        {
            await errors.WriteLineAsync($"osc-agent: --enrol: '{controller}' is not possible; allowed: https://HOST[:PORT] of the controller");
            return ExitCode.WrongUsage;
        }

        if ((await input.ReadLineAsync())?.Trim() is not { Length: > 0 } code)
        {
            await errors.WriteLineAsync("osc-agent: --enrol: no code on standard input; osc enrol HOST makes one");
            return ExitCode.WrongUsage;
        }

        var (enrolled, error) = await new Enroller(configuration.Host!.Value, FilesOf(configuration)).EnrolAsync(uri, configuration.ControllerAuthority, code, default); // the reader saw to the host
        if (enrolled is null)
        {
            await errors.WriteLineAsync($"osc-agent: not enrolled: {error}");
            return ExitCode.NotEnrolled;
        }

        await output.WriteLineAsync($$"""
            enrolled; the agent's configuration is to have
              "broker": "{{enrolled.Broker}}",
              "brokerAuthority": "{{enrolled.Files.AuthorityFile}}",
              "brokerCertificate": "{{enrolled.Files.CertificateFile}}",
              "brokerKey": "{{enrolled.Files.KeyFile}}"
            """);
        return ExitCode.Done;
    }

    /// <summary>Where the configuration says, else beside the flows that the agent keeps.</summary>
    private static BrokerTls FilesOf(AgentConfiguration configuration) => new(
        configuration.BrokerTls.AuthorityFile ?? Path.Combine(configuration.StateDirectory, "broker-ca.pem"),
        configuration.BrokerTls.CertificateFile ?? Path.Combine(configuration.StateDirectory, "broker.pem"),
        configuration.BrokerTls.KeyFile ?? Path.Combine(configuration.StateDirectory, "broker.key"));
}
