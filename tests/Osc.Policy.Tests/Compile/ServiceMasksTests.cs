using CsCheck;
using Osc.Flows.Pipeline;
using Osc.Model;
using Osc.Policy.Compile;
using Xunit;

namespace Osc.Policy.Tests.Compile;

/// <summary>"Port ranges become the fewest masked matches."</summary>
public sealed class ServiceMasksTests
{
    private const int AllPorts = 1 << 16;

    private static readonly Gen<PortRange> Range =
        Gen.Select(Gen.OneOf(Gen.UShort, Gen.UShort[0, 40], Gen.UShort[65500, 65535]), Gen.OneOf(Gen.UShort, Gen.UShort[0, 40], Gen.UShort[65500, 65535]))
            .Select((a, b) => new PortRange(Math.Min(a, b), Math.Max(a, b)));

    [Fact]
    public void Masks_have_just_the_ports_of_the_ranges_and_each_once() =>
        Range.Array[1, 6].Sample(
            ranges =>
            {
                var covered = PortsOf(MasksOf(ranges));

                return Enumerable.Range(0, AllPorts).All(port => covered[port] == (ranges.Any(r => r.Contains((ushort)port)) ? 1 : 0));
            },
            iter: 200);

    /// <summary>Against another way to the same: halve the port space until a half is all in or all out. At most 30 for 16 bits.</summary>
    [Fact]
    public void Single_range_takes_the_fewest_aligned_blocks() =>
        Range.Sample(
            range =>
            {
                var masks = MasksOf([range]).Count;

                return masks == FewestBlocks(range, 0, AllPorts) && masks <= 30;
            },
            iter: 2_000);

    [Fact]
    public void Adjacent_and_overlapping_ranges_take_no_more_masks_than_the_one_range_that_they_make() =>
        Range.Where(r => r.First < r.Last).SelectMany(r => Gen.UShort[r.First, (ushort)(r.Last - 1)].Select(cut => (r, cut))).Sample(
            (range, cut) => MasksOf([new(range.First, cut), new((ushort)(cut + 1), range.Last), new(range.First, cut)]).SequenceEqual(MasksOf([range])),
            iter: 500);

    [Theory]
    [InlineData("tcp", 1)]
    [InlineData("tcp/80", 1)]
    [InlineData("tcp/0-1023", 1)]
    [InlineData("tcp/1024-65535", 6)]
    [InlineData("tcp/1-65534", 30)]
    [InlineData("tcp/6432-6440", 2)]
    [InlineData("tcp/80 udp/80", 2)]
    [InlineData("tcp/80 tcp/81", 1)]
    [InlineData("icmp", 1)]
    [InlineData("icmp icmp/8", 1)]
    [InlineData("icmp/8 icmp/8/0 icmp/8/1", 1)]
    [InlineData("icmp/3/4 icmp/3/3", 2)]
    [InlineData("proto/47", 1)]
    [InlineData("proto/47 proto/47", 1)]
    [InlineData("proto/6 tcp/80", 1)]
    public void Ports_take_so_many_masks(string ports, int count) => Assert.Equal(count, ServiceMasks.Of(ports.Split(' ').Select(ServicePort.Parse))!.Count);

    [Theory]
    [InlineData("any")]
    [InlineData("any tcp/80")]
    [InlineData("")]
    public void Every_service_takes_no_mask(string ports) =>
        Assert.Null(ServiceMasks.Of(ports.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(ServicePort.Parse)));

    /// <summary>A value of one protocol is none of another's: the protocol is always in the mask.</summary>
    [Fact]
    public void Masks_name_the_protocol() =>
        Assert.All(
            ServiceMasks.Of(new[] { "tcp", "udp/1-9", "icmp", "icmpv6/128", "proto/0" }.Select(ServicePort.Parse))!,
            mask => Assert.Equal(ServiceKey.ProtocolMask, mask.Mask & ServiceKey.ProtocolMask));

    private static IReadOnlyList<(uint Value, uint Mask)> MasksOf(IEnumerable<PortRange> ranges) =>
        ServiceMasks.Of(ranges.Select(r => ServicePort.OfPorts(IpProtocol.Tcp, r)))!; // a named protocol has masks

    /// <summary>How many of the masks each port is in.</summary>
    private static int[] PortsOf(IReadOnlyList<(uint Value, uint Mask)> masks)
    {
        var covered = new int[AllPorts];
        for (var port = 0; port < AllPorts; port++)
        {
            var key = ServiceKey.OfPort(IpProtocol.Tcp, (ushort)port);
            foreach (var (value, mask) in masks)
            {
                covered[port] += (key & mask) == value ? 1 : 0;
            }
        }

        return covered;
    }

    private static int FewestBlocks(PortRange range, int first, int size)
    {
        if (range.First <= first && first + size - 1 <= range.Last)
        {
            return 1;
        }

        return first > range.Last || first + size - 1 < range.First ? 0 : FewestBlocks(range, first, size / 2) + FewestBlocks(range, first + (size / 2), size / 2);
    }
}
