using Osc.Controller.Configuration;
using Osc.Controller.Loop;
using Osc.Controller.Names;
using Osc.Model;
using Osc.Model.Documents;
using Xunit;

namespace Osc.Controller.Tests.Names;

/// <summary>From a DNS server's answer to documents, audit records and flows; the server is real, the time is not.</summary>
public sealed class NameResolverTests
{
    private const string Api = "api.example.com";

    private const string Intent = """
        apiVersion: osc/v1
        kind: SecurityGroup
        metadata: { name: pay, tenant: shop }
        spec: { members: [ { fqdn: api.example.com } ] }
        ---
        apiVersion: osc/v1
        kind: Policy
        metadata: { name: to-pay, tenant: shop }
        spec: { rules: [ { name: pay, to: [ pay ], services: [ tcp/443 ], action: allow, direction: out } ] }
        """;

    [Fact]
    public async Task Names_of_groups_are_resolved_stored_audited_and_enforced()
    {
        await using var dns = new LoopbackDns();
        var time = new ManualTime();
        await using var controller = await StartAsync(dns, time);
        dns.Say(Api, 300, "192.0.2.1");

        Assert.Equal(200, (await controller.ApplyAsync(TestDocuments.Shop)).Status);
        Assert.Equal(200, (await controller.ApplyAsync(Intent)).Status);
        await UntilAsync(controller, "192.0.2.1");

        var record = (await controller.GetAsync("/api/v1/audit?kind=DnsName")).Json.GetProperty("items")[0];
        Assert.Equal(("osc", "DNS"), (record.GetProperty("actor").GetString(), record.GetProperty("reason").GetString()));
        var flows = controller.Get<PolicyLoop>().FlowsOf(Name.Parse("h1"))!.Bridges.SelectMany(b => b.Flows); // the shop has a host h1
        Assert.Contains(flows, f => f.ToString().Contains("c0000201", StringComparison.Ordinal)); // 192.0.2.1

        dns.Say(Api, 300, "192.0.2.2");
        time.Advance(TimeSpan.FromSeconds(300));
        await UntilAsync(controller, "192.0.2.1 192.0.2.2");

        time.Advance(NameSettings.Default.Grace);
        await UntilAsync(controller, "192.0.2.2");

        Assert.Equal(200, (await controller.SendAsync(HttpMethod.Delete, "/api/v1/shop/policies/to-pay", Role.Admin)).Status);
        Assert.Equal(200, (await controller.SendAsync(HttpMethod.Delete, "/api/v1/shop/securitygroups/pay", Role.Admin)).Status);
        await UntilAsync(controller, null);
    }

    [Fact]
    public async Task Group_with_more_names_than_there_may_be_is_refused()
    {
        await using var dns = new LoopbackDns();
        await using var controller = await StartAsync(dns, new ManualTime(), maxNames: 1);
        Assert.Equal(200, (await controller.ApplyAsync(Intent)).Status);

        var answer = await controller.ApplyAsync("""
            apiVersion: osc/v1
            kind: SecurityGroup
            metadata: { name: more, tenant: shop }
            spec: { members: [ { fqdn: api.example.com }, { fqdn: cdn.example.com } ] }
            """);

        Assert.Equal(422, answer.Status);
        Assert.Equal(["shop/SecurityGroup/more spec.members[1].fqdn: with 'cdn.example.com' groups have 2 DNS names in all; at most 1 (names.maxNames)"], answer.Errors);
    }

    private static Task<TestController> StartAsync(LoopbackDns dns, ManualTime time, int maxNames = 10) =>
        TestController.StartAsync(time: time, names: NameSettings.Default with { Servers = [dns.Endpoint], MaxNames = maxNames });

    /// <summary>Waits for the name's document to have these addresses; for null, to be gone.</summary>
    private static async Task UntilAsync(TestController controller, string? addresses)
    {
        var loop = controller.Get<PolicyLoop>();
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        loop.Published += Look;
        Look(null);
        try
        {
            await reached.Task.WaitAsync(TimeSpan.FromSeconds(60));
        }
        finally
        {
            loop.Published -= Look;
        }

        void Look(Plan? plan)
        {
            var document = loop.Current.State.Documents.Find(DnsNameDocument.KeyOf(Api)) as DnsNameDocument;
            if ((document is null ? null : string.Join(' ', document.Addresses)) == addresses)
            {
                reached.TrySetResult();
            }
        }
    }
}
