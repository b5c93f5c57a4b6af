using Osc.Controller.Names;
using Osc.Model;
using Xunit;

namespace Osc.Controller.Tests.Names;

/// <summary>Answers of a real DNS server, and what is made of them.</summary>
public sealed class DnsNameSourceTests : IAsyncLifetime
{
    private readonly LoopbackDns dns = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => dns.DisposeAsync();

    [Fact]
    public async Task Answer_has_the_addresses_of_both_families_and_the_time_to_live()
    {
        dns.Say("api.example.com", 120, "192.0.2.1", "192.0.2.2", "2001:db8::1");

        await AssertAddressesAsync(120, true, "192.0.2.1", "192.0.2.2", "2001:db8::1");
    }

    [Fact]
    public async Task Time_to_live_is_the_least_on_the_way_to_the_addresses()
    {
        dns.SayAlias("api.example.com", 30, 600, "192.0.2.1");

        await AssertAddressesAsync(30, true, "192.0.2.1");
    }

    [Fact]
    public async Task Name_that_is_not_there_has_no_addresses() => await AssertAddressesAsync(30, true);

    /// <summary>What a resolver that blocks a name answers, and what belongs to many hosts, are nobody's addresses.</summary>
    [Fact]
    public async Task Addresses_that_no_interface_has_are_left_out()
    {
        dns.Say("api.example.com", 60, "0.0.0.0", "127.0.0.1", "224.0.0.1", "192.0.2.1", "::1", "ff02::1", "::");

        await AssertAddressesAsync(60, true, "192.0.2.1");
    }

    [Fact]
    public async Task Answer_of_one_family_alone_is_not_whole()
    {
        dns.Fail("api.example.com", "192.0.2.1");

        await AssertAddressesAsync(60, false, "192.0.2.1");
    }

    [Fact]
    public async Task Server_that_fails_gives_no_answer()
    {
        dns.Fail("api.example.com");

        Assert.IsType<NameAnswer.Failed>(await AskAsync());
    }

    private Task<NameAnswer> AskAsync() =>
        new DnsNameSource(NameSettings.Default with { Servers = [dns.Endpoint] }).AskAsync("api.example.com", CancellationToken.None);

    private async Task AssertAddressesAsync(int seconds, bool isWhole, params string[] addresses)
    {
        var answer = Assert.IsType<NameAnswer.Addresses>(await AskAsync());

        Assert.Equal(addresses.Select(IpAddress.Parse).Order(), answer.Found.Order());
        Assert.Equal((TimeSpan.FromSeconds(seconds), isWhole), (answer.TimeToLive, answer.IsWhole));
    }
}
