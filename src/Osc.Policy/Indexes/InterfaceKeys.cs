using Osc.Model;
using Osc.Model.Documents;

namespace Osc.Policy.Indexes;

/// <summary>An interface by where it stands: its workload, and its place there, from 0. In document order.</summary>
internal readonly record struct InterfaceKey(QualifiedName Workload, int Place) : IComparable<InterfaceKey>
{
    public int CompareTo(InterfaceKey other)
    {
        var byWorkload = Workload.CompareTo(other.Workload);
        return byWorkload != 0 ? byWorkload : Place.CompareTo(other.Place);
    }
}

/// <summary>An address in a vrf, and the interface that has it as its address number <paramref name="Place"/>.</summary>
internal readonly record struct AddressKey(QualifiedName Vrf, IpAddress Address, InterfaceKey Interface, int Place) : IComparable<AddressKey>
{
    public AddressKey(QualifiedName vrf, IpAddress address)
        : this(vrf, address, default, 0)
    {
    }

    public int CompareTo(AddressKey other)
    {
        var order = Address.CompareTo(other.Address);
        order = order != 0 ? order : Vrf.CompareTo(other.Vrf);
        order = order != 0 ? order : Interface.CompareTo(other.Interface);
        return order != 0 ? order : Place.CompareTo(other.Place);
    }

    public bool IsSameAddress(AddressKey other) => Address == other.Address && Vrf == other.Vrf;
}

/// <summary>A MAC address in a network, and the interface that has it.</summary>
internal readonly record struct MacKey(QualifiedName Network, MacAddress Mac, InterfaceKey Interface) : IComparable<MacKey>
{
    public MacKey(QualifiedName network, MacAddress mac)
        : this(network, mac, default)
    {
    }

    public int CompareTo(MacKey other)
    {
        var order = Network.CompareTo(other.Network);
        order = order != 0 ? order : Mac.CompareTo(other.Mac);
        return order != 0 ? order : Interface.CompareTo(other.Interface);
    }

    public bool IsSameMac(MacKey other) => Mac == other.Mac && Network == other.Network;
}

/// <summary>A port of a host, and the interface that is plugged in there.</summary>
internal readonly record struct PortKey(Name Host, PortName Port, InterfaceKey Interface) : IComparable<PortKey>
{
    public PortKey(Name host, PortName port)
        : this(host, port, default)
    {
    }

    public int CompareTo(PortKey other)
    {
        var order = Host.CompareTo(other.Host);
        order = order != 0 ? order : Port.CompareTo(other.Port);
        return order != 0 ? order : Interface.CompareTo(other.Interface);
    }

    public bool IsSamePort(PortKey other) => Port == other.Port && Host == other.Host;
}

/// <summary>A host, and an interface that is attached to it.</summary>
internal readonly record struct AttachedKey(Name Host, InterfaceKey Interface) : IComparable<AttachedKey>
{
    public int CompareTo(AttachedKey other)
    {
        var byHost = Host.CompareTo(other.Host);
        return byHost != 0 ? byHost : Interface.CompareTo(other.Interface);
    }
}

/// <summary>A segment on a bridge of a host, and a network that has an interface there.</summary>
internal readonly record struct SegmentKey(Name Host, PortName Bridge, Segment Segment, QualifiedName Network) : IComparable<SegmentKey>
{
    public int CompareTo(SegmentKey other)
    {
        var order = Host.CompareTo(other.Host);
        order = order != 0 ? order : Bridge.CompareTo(other.Bridge);
        order = order != 0 ? order : Segment.Type.CompareTo(other.Segment.Type);
        order = order != 0 ? order : Segment.Id.CompareTo(other.Segment.Id);
        return order != 0 ? order : Network.CompareTo(other.Network);
    }

    public bool IsSameSegment(SegmentKey other) => Host == other.Host && Bridge == other.Bridge && Segment == other.Segment;
}
