using Osc.Xen.Vifs;
using Xunit;

namespace Osc.Xen.Tests.Vifs;

public sealed class VifScopeTests
{
    [Theory]
    [InlineData("", null, null)]
    [InlineData("9", 9, null)]
    [InlineData("9/0", 9, 0)]
    [InlineData("65535/3/mac", 65535, 3)]
    public void Names_tell_which_vifs_an_event_concerns(string names, int? domain, int? handle) =>
        Assert.Equal(new VifScope((ushort?)domain, (ushort?)handle), VifScope.Of(Split(names)));

    [Theory]
    [InlineData("x")]
    [InlineData("09")]
    [InlineData("-1/0")]
    [InlineData("65536/0")]
    [InlineData("9/00")]
    [InlineData("9/eth0")]
    public void Names_of_no_vif_concern_none(string names) => Assert.Null(VifScope.Of(Split(names)));

    [Fact]
    public void Scope_covers_what_it_names()
    {
        Assert.True(VifScope.All.Covers(new(9, 0)));
        Assert.True(new VifScope(9, null).Covers(new(9, 1)));
        Assert.False(new VifScope(9, null).Covers(new(8, 1)));
        Assert.False(VifScope.Of(new VifId(9, 0)).Covers(new(9, 1)));
    }

    private static string[] Split(string names) => names.Split('/', StringSplitOptions.RemoveEmptyEntries);
}
