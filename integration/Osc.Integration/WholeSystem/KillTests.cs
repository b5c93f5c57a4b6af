using System.Globalization;
using System.Text;
using Osc.Lab;
using Osc.Lab.Probes;
using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy;
using Osc.Policy.Compile;
using Osc.Policy.Decisions;
using Osc.Policy.Documents;
using Osc.Policy.Incremental;
using Osc.Policy.Validation;
using Xunit;

namespace Osc.Integration.WholeSystem;

/// <summary>
/// Broker, controller and agent killed without warning in the middle of an apply, then started again: the same flows as if
/// nothing had happened, and meanwhile no permitted packet lost and no forbidden one passed, of 1,000 a second of each.
/// </summary>
public sealed class KillTests(ITestOutputHelper output)
{
    private const int Rules = 190;
    private const int PairsOfKind = 4;
    private const int PacketsPerSecond = 2_000;

    [Fact]
    public async Task Kills_in_the_middle_of_applies_change_nothing_about_where_they_end()
    {
        var set = PolicySet.Read("three-tier-shop");
        await using var system = await RunningSystem.StartAsync(set.State);
        Assert.NotNull(await system.TryApplyAsync(DocumentPrinter.ToYaml(set.State.Documents)));
        await system.UntilEnforcingAsync();

        var pairs = Pairs(system.Lab, set.State);
        await using var streams = await ProbeStreams.StartAsync(pairs, PacketsPerSecond);
        output.WriteLine($"Open vSwitch {await system.Lab.Hosts.Values.First().VersionAsync()}, RabbitMQ {system.Broker.Version}; {string.Join("; ", pairs.Select(p => p.Connection))}");

        var host = system.Lab.Hosts.First(h => h.Value == pairs[0].From.Host).Key;
        (string Name, Func<Task> Kill, Func<Task> Start)[] victims =
        [
            ("broker", system.Broker.KillAsync, system.Broker.StartAgainAsync),
            ("controller", system.KillControllerAsync, system.StartControllerAsync),
            ("agent", () => system.KillAgentAsync(host), () => StartAgent(system, host)),
        ];
        var random = new Random(7);
        var states = new List<State> { set.State };
        foreach (var victim in victims.Concat(victims))
        {
            var change = Change(states.Count);
            var applying = system.TryApplyAsync(DocumentPrinter.ToYaml(change));
            // Somewhere in the middle: planning, commit, delivery, the bundle. Where exactly is left to chance.
            await Task.Delay(random.Next(0, 120));
            await victim.Kill();
            var answered = await applying;
            await victim.Start();
            if (answered is null)
            {
                // Not acknowledged: it may be stored or not, and to say it again must be harmless.
                Assert.NotNull(await system.TryApplyAsync(DocumentPrinter.ToYaml(change)));
            }

            await system.UntilEnforcingAsync();
            states.Add(With(states[^1], change));
            var report = await streams.CutAsync();
            output.WriteLine($"{victim.Name} killed: {(answered is null ? "the change was not acknowledged, and said again" : $"revision {answered}")}; {report}");
            Assert.Equal((0, 0), (report.Lost, report.Passed));
        }

        await AssertSameAsUndisturbedAsync(system, states);
    }

    private static Task StartAgent(RunningSystem system, Name host)
    {
        system.StartAgent(host);
        return Task.CompletedTask;
    }

    /// <summary>What the switches have, against the flows of the same changes worked out one after the other and installed by ovs-ofctl.</summary>
    private static async Task AssertSameAsUndisturbedAsync(RunningSystem system, List<State> states)
    {
        var disturbed = await system.FlowsAsync();
        var engine = PolicyEngine.Of(states[0]);
        foreach (var host in system.Lab.Hosts.Keys)
        {
            engine.Follow(host, HostNumbering.Empty);
        }

        foreach (var state in states.Skip(1))
        {
            engine.Apply(state, DocumentChanges.Between(engine.State.Documents, state.Documents));
            engine.Accept();
        }

        foreach (var host in system.Lab.Hosts.Keys)
        {
            await system.KillAgentAsync(host);
            await system.Lab.InstallAsync(engine.FlowsOf(host));
        }

        Assert.Equal(await system.FlowsAsync(), disturbed);
    }

    /// <summary>Some pairs that policy permits, from one host to another, and some that it silently forbids.</summary>
    private static ProbedPair[] Pairs(PolicyLab lab, State state)
    {
        var udp = ProbePlan.Connections(lab, state)
            .Where(c => c.Connection.Protocol == IpProtocol.Udp && c.From.Host != c.To.Host)
            .Select(c => (Pair: new ProbedPair(c.From, c.To, c.Connection, IsPermitted: true), Decider.Decide(state, c.Connection).Verdict))
            .ToArray();
        return
        [
            .. udp.Where(p => p.Verdict == Verdict.Allow).Select(p => p.Pair).Take(PairsOfKind),
            .. udp.Where(p => p.Verdict == Verdict.Drop).Select(p => p.Pair with { IsPermitted = false }).Take(PairsOfKind),
        ];
    }

    /// <summary>A policy of many rules in a tier before the others, different each time, that says nothing about UDP.</summary>
    private static PolicyDocument Change(int number)
    {
        var yaml = new StringBuilder($$"""
            apiVersion: osc/v1
            kind: Policy
            metadata: { name: bulk, tenant: shop }
            spec:
              tier: environment
              rules:

            """);
        for (var i = 0; i < Rules; i++)
        {
            yaml.Append(CultureInfo.InvariantCulture, $"    - {{ name: r{i}, from: [ web ], to: [ app, db ], services: [ tcp/{10_000 + (number * 1_000) + i} ], action: allow }}\n");
        }

        return (PolicyDocument)DocumentReader.Read(yaml.ToString(), "bulk.yaml").Documents.Single();
    }

    private static State With(State state, Document change) =>
        StateValidator.Validate(state.Revision.Next, state.Documents.With(change)).State ?? throw new InvalidOperationException("the change is valid");
}
