using System.Text.Json.Nodes;
using Dapper;
using Microsoft.Data.Sqlite;
using Osc.Bus.RabbitMq;
using Osc.Lab;
using Osc.Lab.RabbitMq;
using Osc.Model;
using Xunit;

namespace Osc.Integration.WholeSystem;

/// <summary>A host that is new: from the code that an administrator has made to flows in its switch, over a broker that knows everybody by certificates alone.</summary>
public sealed class EnrolledAgentTests(ITestOutputHelper output)
{
    private const string Documents = """
        { apiVersion: osc/v1, kind: Host, metadata: { name: h1, tenant: system }, spec: { bridges: [ { name: br-int } ] } }
        ---
        { apiVersion: osc/v1, kind: Host, metadata: { name: h2, tenant: system }, spec: { bridges: [ { name: br-int } ] } }
        """;

    private readonly CancellationToken cancellation = TestContext.Current.CancellationToken;

    [Fact]
    public async Task Agent_enrols_with_a_code_and_enforces_and_without_a_certificate_of_its_own_does_not()
    {
        await using var space = await LabSpace.ClaimAsync("enrol");
        using var authority = new LabAuthority(Path.Combine(space.DirectoryPath, "authority"));
        var broker = await BrokerAsync(space, authority);
        await using var controller = await ControllerAsync(space, authority, broker);
        var revision = await ApplyAsync(controller, space, Documents);

        var wrong = await EnrolAsync(controller, space, "h1", "no-such-code");
        output.WriteLine(wrong.Error);
        Assert.Equal((4, ""), (wrong.ExitCode, wrong.Output));
        Assert.Contains("403: the code is not good for this host", wrong.Error, StringComparison.Ordinal);
        foreach (var host in new[] { "h1", "h2" })
        {
            var run = await EnrolAsync(controller, space, host, await controller.OscAsync(["enrol", host], cancellation));
            output.WriteLine(run.Output + run.Error);
            Assert.Equal(0, run.ExitCode);
            Assert.Equal("600", (await Command.RunAsync("stat", ["-c", "%a", Path.Combine(StateOf(space, host), "broker.key")], cancellation: cancellation)).Trim());
        }

        var instance = await SwitchInstance.StartAsync(space, "sw");
        await instance.AddBridgeAsync(PortName.Parse("br-int"));
        using var foreign = StartAgent(space, instance, broker, "h1", StateOf(space, "h2")); // h2's certificate
        using var one = StartAgent(space, instance, broker, "h1", StateOf(space, "h1"));
        await EnforcingAsync(controller, "h1", revision);
        Assert.Equal("unknown", (await controller.GetAsync("api/v1/hosts/h2", cancellation)).GetProperty("state").GetString());
    }

    /// <summary>Time is made to have gone by: the certificate in the agent's file is one whose life is nearly over, and the store was told that it was signed long ago.</summary>
    [Fact]
    public async Task Agent_whose_certificate_ends_soon_has_it_renewed_and_connects_with_the_new_one()
    {
        await using var space = await LabSpace.ClaimAsync("renewal");
        using var authority = new LabAuthority(Path.Combine(space.DirectoryPath, "authority"));
        var broker = await BrokerAsync(space, authority);
        await using var controller = await ControllerAsync(space, authority, broker);
        var revision = await ApplyAsync(controller, space, Documents);
        Assert.Equal(0, (await EnrolAsync(controller, space, "h1", await controller.OscAsync(["enrol", "h1"], cancellation))).ExitCode);
        await using (var store = new SqliteConnection($"Data Source={controller.StorePath}"))
        {
            Assert.Equal(1, await store.ExecuteAsync("update enrolled set signed_at = 0"));
        }

        var (file, key) = (Path.Combine(StateOf(space, "h1"), "broker.pem"), Path.Combine(StateOf(space, "h1"), "broker.key"));
        authority.Reissue(file, key, DateTimeOffset.UtcNow.AddMinutes(-50), DateTimeOffset.UtcNow.AddMinutes(5));
        var before = EndOf(file);
        var instance = await SwitchInstance.StartAsync(space, "sw");
        await instance.AddBridgeAsync(PortName.Parse("br-int"));
        using (var agent = StartAgent(space, instance, broker, "h1", StateOf(space, "h1")))
        {
            await EnforcingAsync(controller, "h1", revision);
            await RunningSystem.UntilAsync("the certificate is renewed", async () =>
                (await controller.GetAsync("api/v1/audit?action=enrolment.renewal", cancellation)).GetProperty("items").GetArrayLength() > 0 && EndOf(file) != before);
            agent.Kill();
            await agent.WaitForExitAsync(cancellation);
        }

        Assert.True(EndOf(file) > DateTime.Now.AddHours(1));
        using var again = StartAgent(space, instance, broker, "h1", StateOf(space, "h1"));
        revision = await ApplyAsync(controller, space, Documents.Replace("{ name: br-int }", "{ name: br-int, uplinks: [ trunk ] }", StringComparison.Ordinal));
        await EnforcingAsync(controller, "h1", revision);
    }

    private async Task<long> ApplyAsync(Orchestrator controller, LabSpace space, string documents)
    {
        var file = Path.Combine(space.DirectoryPath, "hosts.yaml");
        await File.WriteAllTextAsync(file, documents, cancellation);
        return await controller.ApplyAsync(file, "hosts", cancellation);
    }

    private static DateTime EndOf(string file)
    {
        using var certificate = System.Security.Cryptography.X509Certificates.X509CertificateLoader.LoadCertificateFromFile(file);
        return certificate.NotAfter;
    }

    private async Task<Orchestrator> ControllerAsync(LabSpace space, LabAuthority authority, RabbitMqBroker broker)
    {
        var (certificate, key) = authority.Issue(BrokerDefinitions.ControllerUser);
        return await Orchestrator.StartAsync(
            "osc-controller",
            space,
            new()
            {
                ["broker"] = new JsonObject { ["url"] = broker.SecureUri.ToString(), ["authority"] = authority.AuthorityFile, ["certificate"] = certificate, ["key"] = key },
                ["enrolment"] = new JsonObject { ["authority"] = authority.AuthorityFile, ["key"] = authority.KeyFile },
            },
            cancellation);
    }

    private async Task EnforcingAsync(Orchestrator controller, string host, long revision)
    {
        for (var until = DateTime.UtcNow + TimeSpan.FromSeconds(30); ; await Task.Delay(50, cancellation))
        {
            var status = await controller.GetAsync($"api/v1/hosts/{host}", cancellation);
            if (status.GetProperty("state").GetString() == "enforcing" && status.GetProperty("ackedRevision").GetInt64() == revision)
            {
                return;
            }

            Assert.True(DateTime.UtcNow < until, $"{host} does not enforce revision {revision}: {status}");
        }
    }

    private static async Task<RabbitMqBroker> BrokerAsync(LabSpace space, LabAuthority authority)
    {
        var (certificate, key) = authority.Issue("broker", isServer: true);
        var hosts = await ProgramRun.OfAsync("osc-controller", ["--broker-definitions", "h1", "h2"]);
        return await RabbitMqBroker.StartAsync(space, "rabbit", new(authority.AuthorityFile, certificate, key, hosts.Output));
    }

    private static Task<ProgramRun> EnrolAsync(Orchestrator controller, LabSpace space, string host, string code) =>
        ProgramRun.OfAsync("osc-agent", ["--enrol", controller.Server.ToString(), "--host", host, "--state-directory", StateOf(space, host)], input: code + "\n");

    private static string StateOf(LabSpace space, string host) => Path.Combine(space.DirectoryPath, $"agent-{host}");

    private static System.Diagnostics.Process StartAgent(LabSpace space, SwitchInstance instance, RabbitMqBroker broker, string host, string certificates)
    {
        var process = space.Start(ProgramRun.PathOf("osc-agent"),
        [
            "--host", host, "--broker", broker.SecureUri.ToString(), "--state-directory", certificates, "--ovs-run-directory", instance.RunDirectory, "--xenstore", "off",
            "--broker-authority", Path.Combine(certificates, "broker-ca.pem"), "--broker-certificate", Path.Combine(certificates, "broker.pem"), "--broker-key", Path.Combine(certificates, "broker.key"),
        ]);
        process.StandardInput.Close();
        process.OutputDataReceived += static (_, _) => { };
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }
}
