using CsCheck;
using Osc.Switch.Control;
using Xunit;

namespace Osc.Switch.Tests.Control;

public sealed class DatapathCountersTests
{
    /// <summary>What Open vSwitch 3.1.0 prints; the second as it looks on a kernel datapath.</summary>
    private const string Shown = """
        netdev@ovs-netdev:
          lookups: hit:17 missed:4 lost:1
          flows: 2
          port 0: ovs-netdev (tap)
          port 1: br0 (tap)
        system@ovs-system:
          lookups: hit:1234567890123 missed:99 lost:98
          flows: 0
          masks: hit:5 total:1 hit/pkt:0.42
          caches:
            masks-cache: size:256
          port 0: ovs-system (internal)

        """;

    [Fact]
    public void Counters_of_every_datapath_are_read() => Assert.Equal(
        [new("netdev@ovs-netdev", 17, 4, 1), new("system@ovs-system", 1234567890123, 99, 98)],
        DatapathCounters.Parse(Shown));

    [Theory]
    [InlineData("")]
    [InlineData("netdev@ovs-netdev:\n  flows: 2\n")]
    [InlineData("  lookups: hit:1 missed:2 lost:3\n")]
    [InlineData("netdev@ovs-netdev:\n  lookups: hit:-1 missed:2 lost:3\n")]
    [InlineData("netdev@ovs-netdev:\n  lookups: hit:99999999999999999999 missed:2 lost:3\n")]
    [InlineData("netdev@ovs-netdev:\n  lookups: hit:1 missed:2\n")]
    public void What_has_no_counters_gives_none(string text) => Assert.Empty(DatapathCounters.Parse(text));

    [Fact]
    public void Any_text_is_read_without_an_error() => Gen.Select(Gen.Int[0, Shown.Length], Gen.String[Gen.Char[" :\nab0hitmslo@"], 0, 40]).Sample((at, put) =>
    {
        Assert.InRange(DatapathCounters.Parse(Shown.Insert(at, put)).Length, 0, 3);
        Assert.InRange(DatapathCounters.Parse(put).Length, 0, 3);
    }, iter: 5000);
}
