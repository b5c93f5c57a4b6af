using Osc.Flows;
using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy.Compile;
using Osc.Policy.Incremental;
using Osc.Policy.Validation;

namespace Osc.Policy.Tests.Incremental;

/// <summary>An engine that follows all hosts, and beside it what each host's switch and store would have after every delta.</summary>
internal sealed class EngineRun
{
    private readonly Dictionary<Name, Dictionary<(PortName Bridge, FlowKey Key), Flow>> switches = [];
    private readonly Dictionary<Name, HostNumbering> numberings = [];

    public EngineRun(State state)
    {
        Engine = PolicyEngine.Of(state);
        foreach (var host in state.Hosts)
        {
            Follow(host.Metadata.Name);
        }
    }

    public PolicyEngine Engine { get; }

    public State State => Engine.State;

    public State After(DocumentChanges changes)
    {
        var result = StateValidator.Validate(State, State.Revision.Next, changes);
        return result.State ?? throw new InvalidOperationException(string.Join('\n', result.Errors));
    }

    /// <summary>Changes, and the same back: nothing must have happened.</summary>
    public string? TryAndRevert(DocumentChanges changes)
    {
        var before = State.Hosts.Select(h => h.Metadata.Name).ToDictionary(h => h, h => (Flows: Engine.FlowsOf(h).Digest, Numbering: Engine.NumberingOf(h).ToJson(), Count: Engine.CountOf(h), Digest: Engine.DigestOf(h)));
        var state = State;
        Engine.Apply(After(changes), changes);
        Engine.Revert();
        return !ReferenceEquals(State, state)
            ? "the state is another"
            : before.Where(b => Engine.FlowsOf(b.Key).Digest != b.Value.Flows
                    || Engine.NumberingOf(b.Key).ToJson() != b.Value.Numbering
                    || Engine.CountOf(b.Key) != b.Value.Count
                    || Engine.DigestOf(b.Key) != b.Value.Digest)
                .Select(b => $"{b.Key} is not as before:\n{Difference(b.Key)}")
                .FirstOrDefault();
    }

    public EngineChange Apply(DocumentChanges changes)
    {
        var change = Engine.Apply(After(changes), changes);
        foreach (var host in change.Created)
        {
            Follow(host);
        }

        foreach (var host in change.Deleted)
        {
            switches.Remove(host);
            numberings.Remove(host);
        }

        foreach (var host in change.Hosts)
        {
            foreach (var bridge in host.Delta.Bridges)
            {
                foreach (var flow in bridge.Remove)
                {
                    if (!switches[host.Host].Remove((bridge.Bridge, flow.Key), out var was) || !was.Equals(flow))
                    {
                        throw new InvalidOperationException($"{host.Host} {bridge.Bridge}: the delta removes what is not there: {flow}");
                    }
                }

                foreach (var flow in bridge.Add)
                {
                    switches[host.Host].Add((bridge.Bridge, flow.Key), flow);
                }
            }
        }

        foreach (var (host, numbers) in change.Numberings)
        {
            numberings[host] = HostNumberingChange.Apply(numberings[host], [HostNumberingChange.FromJson(numbers.ToJson())]);
        }

        Engine.Accept();
        return change;
    }

    /// <summary>What is wrong with what a host's switch has after all deltas so far, if anything is: against the whole compiler, in flows and numbers.</summary>
    public string? Check(Name host)
    {
        var numbering = Engine.NumberingOf(host);
        if (!AreSame(numbering, numberings[host]))
        {
            return $"{host} has other numbers than the changes lead to:\n{numbering.ToJson()}\n{numberings[host].ToJson()}";
        }

        var whole = HostCompiler.Compile(State, host, numbering);
        var has = switches[host];
        if (whole.Flows.Count != has.Count || whole.Flows.Bridges.Any(b => b.Flows.Any(f => !has.TryGetValue((b.Bridge, f.Key), out var flow) || !flow.Equals(f))))
        {
            return $"{host} has other flows than the whole compiler makes; in the engine now:\n{Difference(host)}";
        }

        return AreSame(numbering, whole.Numbering) ? null : $"{host} has other numbers than the whole compiler keeps:\n{numbering.ToJson()}\n{whole.Numbering.ToJson()}";
    }

    /// <summary>What is wrong with all flows of a host as the engine gives them, their count and their digest, besides.</summary>
    public string? CheckWhole(Name host)
    {
        var flows = Engine.FlowsOf(host);
        var switched = flows.Bridges.SelectMany(b => b.Flows.Select(f => (b.Bridge, f))).ToHashSet();
        if (!switched.SetEquals(switches[host].Select(f => (f.Key.Bridge, f.Value))))
        {
            return $"{host}: the deltas do not lead to the flows";
        }

        return Engine.CountOf(host) == flows.Count && Engine.DigestOf(host) == flows.Digest ? Check(host) : $"{host}: count or digest is not that of the flows";
    }

    private static bool AreSame(HostNumbering left, HostNumbering right) =>
        left.Epoch == right.Epoch
        && new[] { (left.Classes, right.Classes), (left.Rules, right.Rules), (left.Tenants, right.Tenants), (left.Networks, right.Networks), (left.Zones, right.Zones), (left.Priorities, right.Priorities) }
            .All(n => n.Item1.ByName.SequenceEqual(n.Item2.ByName));

    private string Difference(Name host)
    {
        var whole = HostCompiler.Compile(State, host, Engine.NumberingOf(host)).Flows;
        var delta = FlowDelta.Between(whole, Engine.FlowsOf(host));
        return string.Join('\n', delta.Bridges.SelectMany(b => b.Remove.Select(f => $"whole only: {b.Bridge} {f}").Concat(b.Add.Select(f => $"engine only: {b.Bridge} {f}"))));
    }

    private void Follow(Name host)
    {
        Engine.Follow(host, HostNumbering.Empty);
        switches[host] = Engine.FlowsOf(host).Bridges.SelectMany(b => b.Flows.Select(f => (b.Bridge, Flow: f))).ToDictionary(f => (f.Bridge, f.Flow.Key), f => f.Flow);
        _ = Engine.DigestOf(host);
        numberings[host] = Engine.NumberingOf(host);
    }
}
