using Osc.Flows;
using Osc.Flows.Pipeline;
using Osc.Model;
using Osc.Model.Documents;
using Osc.Policy.Compile;

namespace Osc.Policy.Incremental;

/// <summary>A host with its bridges, and the numbers that its flows carry.</summary>
internal sealed class HostNode
{
    public HostNode(HostDocument document)
    {
        Document = document;
        Bridges = [.. document.Bridges.Select(b => new BridgeNode(this, b))];
    }

    public HostDocument Document { get; }

    public Name Name => Document.Metadata.Name;

    public BridgeNode[] Bridges { get; }

    /// <summary>null until the host is followed.</summary>
    public HostNumbers? Numbers { get; private set; }

    public bool IsFollowed => Numbers is not null;

    public int Count => Bridges.Sum(b => b.Policy!.Count); // asked of followed hosts

    /// <summary>Works the host out from nothing. From then on changes say what becomes of its flows.</summary>
    /// <param name="numbering">The numbers it has so far.</param>
    public void Follow(State state, Memberships memberships, RuleIndex rules, HostNumbering numbering)
    {
        var numbers = new HostNumbers();
        foreach (var bridge in Bridges)
        {
            bridge.Policy = new(bridge, numbers, memberships, rules);
        }

        var policies = Bridges.Select(b => b.Policy!).ToArray(); // just made
        numbers.Load(numbering with
        {
            Classes = numbering.Classes.For(policies.SelectMany(p => p.ClassKeys)),
            Rules = numbering.Rules.For(policies.SelectMany(p => p.RuleKeys).Select(r => r.ToString())),
            Tenants = numbering.Tenants.For(policies.SelectMany(p => p.Tenants).Select(t => t.Value)),
            Networks = numbering.Networks.For(policies.SelectMany(p => p.Networks).Select(n => n.ToString())),
            Chains = numbering.Chains.For(policies.SelectMany(p => p.Inspected.All).Select(c => c.ToString())),
            Lanes = numbering.Lanes.For(policies.SelectMany(p => p.LaneKeys(state))),
            Zones = numbering.Zones.For(Bridges.SelectMany(b => b.Policy!.Vrfs.Select(v => BridgeNumbers.ZoneKey(b.Bridge.Name, v))), ushort.MaxValue),
        });
        foreach (var policy in policies)
        {
            policy.Load(state, numbering.Priorities);
        }

        Numbers = numbers;
    }

    /// <summary>Raises the epoch of a host that has just been worked out.</summary>
    public void RaiseEpoch()
    {
        Numbers!.RaiseEpoch(); // followed
        foreach (var bridge in Bridges)
        {
            var work = new BridgeWork(new());
            bridge.Policy!.ChangeEpoch(work);
            bridge.Policy.Finish(work);
        }
    }

    /// <summary>Ends a change that was taken back.</summary>
    public void Restore(State state)
    {
        Numbers!.Restore(); // followed
        foreach (var bridge in Bridges)
        {
            bridge.Policy!.Restore(state);
        }
    }

    public HostNumbering Numbering() => Numbers!.Export(Bridges.SelectMany(b => b.Policy!.Priorities())); // asked of followed hosts

    /// <summary>What the open change has done to the numbers so far.</summary>
    public HostNumberingChange NumberingChange() => Numbers!.Change(Bridges.SelectMany(b => b.Policy!.PriorityChanges())); // likewise

    /// <summary>As <see cref="HostFlows.Digest"/>.</summary>
    public FlowDigest Digest() => Bridges.Aggregate(FlowDigest.Empty, (sum, b) => sum + HostFlows.DigestOf(b.Bridge.Name, b.Policy!.Digest())); // likewise

    public HostFlows Flows(State state) => new(Name, state.Revision, Bridges.Select(b => new BridgeFlows(b.Bridge.Name, FlowSet.Of(b.Policy!.Flows()))).ToValueList()); // likewise

    /// <summary>Validated: an attachment names one of the host's bridges, or means the first.</summary>
    public BridgeNode BridgeOf(Attachment attachment) => Bridges.First(b => attachment.Bridge is null || b.Bridge.Name == attachment.Bridge);
}

/// <summary>A bridge with what is plugged into it.</summary>
internal sealed class BridgeNode(HostNode host, Bridge bridge)
{
    public HostNode Host { get; } = host;

    public Bridge Bridge { get; } = bridge;

    /// <summary>The interfaces plugged in, in no order.</summary>
    public List<PlacedInterface> Interfaces { get; } = [];

    /// <summary>Their addresses.</summary>
    public HashSet<AddressNode> Local { get; } = [];

    /// <summary>What is enforced here; null until the host is followed.</summary>
    public BridgePolicy? Policy { get; set; }

    /// <summary>What the change that is being worked on does here.</summary>
    public BridgeWork? Work { get; set; }

    public override string ToString() => $"{Host.Name} {Bridge.Name}";
}

/// <summary>The numbers that a host's flows carry, in use.</summary>
internal sealed class HostNumbers
{

    public void Load(HostNumbering numbering)
    {
        Epoch = EpochBefore = numbering.Epoch;
        Classes.Load(numbering.Classes.ByName);
        Rules.Load(numbering.Rules.ByName.Select(p => KeyValuePair.Create(RuleKeyOf(p.Key), p.Value)));
        Tenants.Load(numbering.Tenants.ByName.Select(p => KeyValuePair.Create(Name.Parse(p.Key), p.Value)));
        Networks.Load(numbering.Networks.ByName.Select(p => KeyValuePair.Create(QualifiedName.Parse(p.Key), p.Value)));
        Zones.Load(numbering.Zones.ByName);
        Chains.Load(numbering.Chains.ByName.Select(p => KeyValuePair.Create(QualifiedName.Parse(p.Key), p.Value)));
        Lanes.Load(numbering.Lanes.ByName);
    }

    public ConnectionEpoch Epoch { get; private set; } = ConnectionEpoch.First;

    /// <summary>The epoch before the open change.</summary>
    public ConnectionEpoch EpochBefore { get; private set; } = ConnectionEpoch.First;

    public NumberTable<string> Classes { get; } = new(int.MaxValue);

    public NumberTable<RuleKey> Rules { get; } = new(Registers.KeepingRule - 1);

    public NumberTable<Name> Tenants { get; } = new(ushort.MaxValue);

    public NumberTable<QualifiedName> Networks { get; } = new(int.MaxValue);

    /// <summary>By <see cref="BridgeNumbers.ZoneKey"/>.</summary>
    public NumberTable<string> Zones { get; } = new(ushort.MaxValue);

    /// <summary>There is room for <see cref="Registers.MaxChain"/>; connections of others are dropped.</summary>
    public NumberTable<QualifiedName> Chains { get; } = new(int.MaxValue);

    /// <summary>By <see cref="InspectedWay.LaneKey"/>; likewise for <see cref="InspectionTag.MaxLane"/>.</summary>
    public NumberTable<string> Lanes { get; } = new(int.MaxValue);

    /// <summary>Has open connections decided anew, once in a change.</summary>
    public void Revoke(Revoked revoked) => Epoch = revoked.AreAll ? EpochBefore.Next() : EpochBefore.Revisit(revoked.Connections);

    /// <summary>Has all of them decided anew.</summary>
    public void RaiseEpoch() => Epoch = EpochBefore.Next();

    public void Settle()
    {
        EpochBefore = Epoch;
        SettleTables();
    }

    /// <summary>Ends a change that was taken back.</summary>
    public void Restore()
    {
        Epoch = EpochBefore;
        SettleTables();
    }

    /// <param name="priorities">Those of the rules of all bridges.</param>
    public HostNumbering Export(IEnumerable<KeyValuePair<string, uint>> priorities) => new()
    {
        Epoch = Epoch,
        Classes = Compile.Numbers.Of(Classes.All),
        Rules = Compile.Numbers.Of(Rules.All.Select(p => KeyValuePair.Create(p.Key.ToString(), p.Value))),
        Tenants = Compile.Numbers.Of(Tenants.All.Select(p => KeyValuePair.Create(p.Key.Value, p.Value))),
        Networks = Compile.Numbers.Of(Networks.All.Select(p => KeyValuePair.Create(p.Key.ToString(), p.Value))),
        Zones = Compile.Numbers.Of(Zones.All),
        Chains = Compile.Numbers.Of(Chains.All.Select(p => KeyValuePair.Create(p.Key.ToString(), p.Value))),
        Lanes = Compile.Numbers.Of(Lanes.All),
        Priorities = Compile.Numbers.Of(priorities),
    };

    /// <param name="priorities">What became of those of the rules of all bridges.</param>
    public HostNumberingChange Change(IEnumerable<KeyValuePair<string, uint>> priorities) => new()
    {
        Epoch = EpochChange.Between(EpochBefore, Epoch),
        Classes = Classes.Changes.ToDictionary(),
        Rules = Rules.Changes.ToDictionary(p => p.Key.ToString(), p => p.Value),
        Tenants = Tenants.Changes.ToDictionary(p => p.Key.Value, p => p.Value),
        Networks = Networks.Changes.ToDictionary(p => p.Key.ToString(), p => p.Value),
        Zones = Zones.Changes.ToDictionary(),
        Chains = Chains.Changes.ToDictionary(p => p.Key.ToString(), p => p.Value),
        Lanes = Lanes.Changes.ToDictionary(),
        Priorities = priorities.ToDictionary(),
    };

    private void SettleTables()
    {
        Classes.Settle();
        Rules.Settle();
        Tenants.Settle();
        Networks.Settle();
        Zones.Settle();
        Chains.Settle();
        Lanes.Settle();
    }

    private static RuleKey RuleKeyOf(string text)
    {
        var slash = text.LastIndexOf('/');
        return new(QualifiedName.Parse(text[..slash]), Name.Parse(text[(slash + 1)..]));
    }
}
