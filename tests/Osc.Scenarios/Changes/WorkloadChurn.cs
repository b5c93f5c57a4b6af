using Osc.Model;
using Osc.Model.Documents;

namespace Osc.Scenarios.Changes;

/// <summary>Random changes of workloads.</summary>
internal sealed class WorkloadChurn(Random random, ChurnWorld world)
{
    private const int Tries = 20;
    private const int MaxReferrers = 8;

    private static readonly (string Key, string[] Values)[] Words = [("app", ["web", "app", "db"]), ("env", ["prod", "stage", "test"]), ("legacy", ["true"])];

    private readonly int start = world.Workloads.All.Count;
    private readonly Name? cloud = world.Documents.OfType<CloudDocument>().FirstOrDefault()?.Metadata.Name;

    public void Step()
    {
        var count = world.Workloads.All.Count;
        var dice = random.Next(12);
        if (count == 0 || (dice == 0 && count < (2 * start) + 4))
        {
            Add();
            return;
        }

        var workload = random.Pick(world.Workloads.All);
        switch (dice)
        {
            case 1 when count > 1 + (start / 2):
                Remove(workload);
                break;
            case 2:
                world.Put(workload with { Cloud = workload.Cloud is null ? cloud : null });
                break;
            case 3:
                AddInterface(workload);
                break;
            case 4 when workload.Interfaces.Count > 1:
                var gone = random.Pick(workload.Interfaces);
                world.Put(workload with { Interfaces = workload.Interfaces.Where(i => i != gone).ToValueList() });
                break;
            case < 8:
                ChangeInterface(workload, random.Next(workload.Interfaces.Count));
                break;
            default:
                world.Put(workload with { Metadata = workload.Metadata with { Labels = ChangeLabels(workload.Metadata.Labels) } });
                break;
        }
    }

    private void Add()
    {
        var network = random.Pick(world.Networks.All);
        if (MakeInterface(network, "eth0") is { } card)
        {
            var name = RandomExtensions.Numbered("cw", world.NextNumber());
            world.Put(new WorkloadDocument(new(name, network.Metadata.Tenant, ChangeLabels(Labels.Empty)), null, [card]));
        }
    }

    private void Remove(WorkloadDocument workload)
    {
        var referrers = world.ReferrersOf(workload.Key).ToArray();
        if (referrers.Length > MaxReferrers)
        {
            return;
        }

        foreach (var referrer in referrers)
        {
            world.Put(Names.Without(world.Documents.Find(referrer)!, workload.Key)); // the index names documents that are there
        }

        world.Remove(workload.Key);
    }

    /// <summary>Another's labels, or a word more, less or other.</summary>
    private Labels ChangeLabels(Labels labels)
    {
        if (random.OneIn(3) && world.Workloads.All.Count > 0)
        {
            return random.Pick(world.Workloads.All).Metadata.Labels;
        }

        var (key, values) = random.Pick(Words);
        return random.OneIn(4) ? Labels.Of(labels.Where(l => l.Key != key)) : labels.With(key, random.Pick(values));
    }

    private void AddInterface(WorkloadDocument workload)
    {
        var networks = world.Networks.Of(workload.Metadata.Tenant).Where(n => n.Metadata.Tenant == workload.Metadata.Tenant).Take(Tries).ToArray();
        if (workload.Interfaces.Count < 3 && networks.Length > 0 && MakeInterface(random.Pick(networks), RandomExtensions.Numbered("ceth", world.NextNumber()).Value) is { } card)
        {
            world.Put(workload with { Interfaces = [.. workload.Interfaces, card] });
        }
    }

    private void ChangeInterface(WorkloadDocument workload, int index)
    {
        var card = workload.Interfaces[index];
        var network = world.NetworkOf(card);
        var changed = random.Next(8) switch
        {
            0 => card with { Mac = NextMac() },
            1 => card with { Attachment = null },
            2 when card.Attachment is { } attachment => card with { Attachment = attachment with { Port = NextPort() } },
            3 when card.Addresses.Count > 1 => card with { Addresses = card.Addresses.Where((_, i) => i != 0).ToValueList() },
            4 when card.Addresses.Count < 4 && FreeAddress(network) is { } more => card with { Addresses = [.. card.Addresses, more] },
            5 when FreeAddress(network) is { } other => card with { Addresses = [.. card.Addresses.Take(random.Next(card.Addresses.Count + 1)), other] },
            _ => card with { Attachment = NextAttachment() },
        };
        world.Put(workload with { Interfaces = workload.Interfaces.Select((c, i) => i == index ? changed : c).ToValueList() });
    }

    private Interface? MakeInterface(NetworkDocument network, string name) =>
        FreeAddress(network) is { } address ? new(Name.Parse(name), NextMac(), [address], network.QualifiedName, random.OneIn(10) ? null : NextAttachment()) : null;

    private Attachment NextAttachment()
    {
        var host = random.Pick(world.Hosts.All);
        var bridge = random.Pick(host.Bridges);
        return new(host.Metadata.Name, random.OneIn(2) || bridge != host.Bridges[0] ? bridge.Name : null, NextPort());
    }

    private MacAddress NextMac() => MacAddress.FromBits(0x0a00_0000_0000UL | (uint)world.NextNumber());

    private PortName NextPort() => PortName.Parse($"cport{world.NextNumber()}");

    /// <summary>A free address near the beginning of one of the network's subnets; null where none is found soon, or the network has no subnets.</summary>
    private IpAddress? FreeAddress(NetworkDocument network)
    {
        for (var i = 0; i < Tries && network.Subnets.Count > 0; i++)
        {
            var subnet = random.Pick(network.Subnets);
            var room = Math.Min(32, subnet.Network.IsIPv4 ? 32 - subnet.Length : 128 - subnet.Length);
            if (room < 3)
            {
                continue;
            }

            var address = IpAddress.FromBits(subnet.Network.Bits + (UInt128)random.NextInt64(1, Math.Min((1L << room) - 1, Math.Max(50, 4 * start))));
            if (world.IsFree(network.Vrf, address))
            {
                return address;
            }
        }

        return null;
    }
}
