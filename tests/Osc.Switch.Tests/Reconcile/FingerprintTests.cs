using CsCheck;
using Osc.Flows;
using Osc.Flows.Tests;
using Osc.Model;
using Osc.Switch.OpenFlow;
using Osc.Switch.Reconcile;
using Xunit;

namespace Osc.Switch.Tests.Reconcile;

public sealed class FingerprintTests
{
    [Fact]
    public void SipHash_gives_the_vectors_of_its_authors()
    {
        // Key 00 01 .. 0f; messages of 0, 8 and 16 bytes 00 01 02 ... (vectors_sip128 of the reference implementation).
        var hash = new SipHash(new UInt128(0x0f0e0d0c0b0a0908, 0x0706050403020100));
        Assert.Equal("a3817f04ba25a8e66df67214c7550293", Hex(hash));
        hash.Add(0x0706050403020100UL);
        Assert.Equal("3b62a9ba6258f5610f83e264f31497b4", Hex(hash));
    }

    [Fact]
    public void Two_flows_share_a_fingerprint_only_if_they_are_the_same() =>
        Gen.Select(RandomFlows.Flows, RandomFlows.Flows, Gen.Int[0, 3]).Sample((one, two, mix) =>
        {
            var other = mix switch
            {
                0 => one,
                1 => one with { Actions = two.Actions },
                2 => one with { Match = two.Match },
                _ => two,
            };
            if (Of(one) is { } first && Of(other) is { } second)
            {
                Assert.Equal(one.Key == other.Key, first.Key == second.Key);
                Assert.Equal(one.Actions == other.Actions || one.Actions.Equals(other.Actions), first.Actions == second.Actions);
            }
        });

    [Theory]
    [InlineData("80000a02 0800 00010204 00000001 00010404 00000002", "00010404 00000002 80000a02 0800 00010204 00000001", "the order of fields")]
    [InlineData("00010204 00000001 00010004 00000005", "80010008 00000005 00000001", "registers in pairs")]
    [InlineData("00010204 00000001", "80010110 00000000 00000001 00000000 ffffffff", "half a pair of registers")]
    [InlineData("80000a02 0800", "80005804 00000000 80000a02 0800", "the packet type Ethernet")]
    [InlineData("80000a02 0800", "80000b04 0800 ffff", "a mask of all ones")]
    [InlineData("", "00010108 00000000 00000000", "a mask of none")]
    public void Matches_that_mean_the_same_share_a_key(string one, string other, string what)
    {
        Assert.True(KeyOf(one) == KeyOf(other), what);
        Assert.NotEqual(KeyOf(one), KeyOf(one + "00010804 00000009"));
    }

    private static UInt128 KeyOf(string match)
    {
        var key = Fingerprint.Of(new FlowEntry
        {
            Table = 1,
            Priority = 2,
            Cookie = 3,
            IsPlain = true,
            Match = Convert.FromHexString(match.Replace(" ", "", StringComparison.Ordinal)),
            Instructions = default,
        }, out var error).Key;
        Assert.Null(error);
        return key;
    }

    private static Fingerprint? Of(Flow flow)
    {
        using var buffer = new MessageBuffer();
        return FlowEncoder.Encode(flow, Numbers(flow), buffer, out var entry) is null ? Fingerprint.Of(entry, out _) : null;
    }

    private static readonly Dictionary<PortName, uint> Known = [];

    private static PortBinding Numbers(Flow flow)
    {
        lock (Known)
        {
            FlowPorts.Visit(flow, Known, (all, port) => all.TryAdd(port, (uint)all.Count + 1));
            var numbers = new Dictionary<PortName, uint>();
            FlowPorts.Visit(flow, numbers, (all, port) => all[port] = Known[port]);
            return PortBinding.Of(numbers);
        }
    }

    private static string Hex(SipHash hash)
    {
        var bytes = new byte[16];
        System.Buffers.Binary.BinaryPrimitives.WriteUInt128LittleEndian(bytes, hash.Finish());
        return Convert.ToHexStringLower(bytes);
    }
}
