using Osc.Flows;
using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy.Compile;

namespace Osc.Policy.Incremental;

/// <summary>
/// The incremental compiler: it holds one state worked out, takes changes of documents and says what becomes of the flows of
/// the hosts that are followed, touching only what a change can concern. What it has after a change is what
/// <see cref="HostCompiler"/> would make of the state from nothing, under the same numbering.
/// For one thread: the single writer's.
/// </summary>
public sealed class PolicyEngine
{
    private readonly Memberships memberships = new();
    private readonly RuleIndex rules;
    private readonly Dictionary<Name, HostNode> hosts = [];
    private EngineChange? open;

    private PolicyEngine(State state)
    {
        rules = new(memberships);
        State = state;
    }

    /// <summary>The state that is worked out.</summary>
    public State State { get; private set; }

    /// <summary>Works a state out, as far as all hosts have in common. No host is followed yet.</summary>
    public static PolicyEngine Of(State state)
    {
        var empty = StateOfNothing(state.Revision);
        var engine = new PolicyEngine(empty);
        engine.Apply(state, DocumentChanges.Between(empty.Documents, state.Documents));
        engine.Accept();
        return engine;
    }

    /// <summary>Works a host out, under the numbers that its flows have so far, and follows it from now on.</summary>
    /// <returns>The number of its flows.</returns>
    /// <exception cref="InvalidOperationException">The state has no such host, or a change is open.</exception>
    public int Follow(Name host, HostNumbering numbering)
    {
        var node = Host(host);
        if (open?.Created.Contains(host) != true)
        {
            DemandSettled();
        }

        foreach (var bridge in node.Bridges)
        {
            bridge.Policy?.Forget();
        }

        node.Follow(State, memberships, rules, numbering);
        return node.Count;
    }

    /// <summary>All flows of a host that is followed, as things are.</summary>
    public HostFlows FlowsOf(Name host) => Host(host).Flows(State);

    /// <summary>The numbers that those flows carry.</summary>
    public HostNumbering NumberingOf(Name host) => Host(host).Numbering();

    public int CountOf(Name host) => Host(host).Count;

    /// <summary>The digest of its flows; worked out when first asked for, and kept up to date from then on.</summary>
    public FlowDigest DigestOf(Name host) => Host(host).Digest();

    /// <summary>
    /// Goes on to another state. The change stays open until it is accepted or reverted, so that one that is only asked about,
    /// or that could not be stored, leaves no trace.
    /// </summary>
    /// <param name="after">A state whose documents are the present ones with the changes.</param>
    /// <exception cref="InvalidOperationException">A change is open already.</exception>
    public EngineChange Apply(State after, DocumentChanges changes)
    {
        DemandSettled();
        open = new EngineUpdate(State, after, changes, memberships, rules, hosts).Run();
        State = after;
        return open;
    }

    /// <summary>Keeps the open change.</summary>
    public void Accept()
    {
        var change = open ?? throw new InvalidOperationException("no change is open");
        change.Finish();
        foreach (var host in change.Touched)
        {
            host.Numbers?.Settle();
            foreach (var bridge in host.Bridges)
            {
                bridge.Policy?.Settle();
            }
        }

        open = null;
    }

    /// <summary>Takes the open change back: state, flows and numbers are as before.</summary>
    public void Revert()
    {
        var change = open ?? throw new InvalidOperationException("no change is open");
        change.Finish();
        new EngineUpdate(State, change.Before, change.Documents.Reverse(), memberships, rules, hosts).TakeBack(change);
        State = change.Before;
        open = null;
    }

    private static State StateOfNothing(Revision revision) =>
        Validation.StateValidator.Validate(revision, DocumentSet.Empty).State ?? throw new InvalidOperationException("the empty set is valid");

    private HostNode Host(Name name) => hosts.GetValueOrDefault(name) ?? throw new InvalidOperationException($"there is no host {name}");

    private void DemandSettled()
    {
        if (open is not null)
        {
            throw new InvalidOperationException("a change is open: accept it or revert it first");
        }
    }
}
