using System.Text.Json;
using Osc.Policy.Compile;
using Osc.Scenarios;
using Xunit;

namespace Osc.Policy.Tests.Compile;

public sealed class HostNumberingTests
{
    [Fact]
    public void Json_gives_the_same_numbering_back()
    {
        for (var seed = 0; seed < 50; seed++)
        {
            var state = RandomScenario.Of(seed).State;
            foreach (var host in state.Hosts)
            {
                var compiled = HostCompiler.Compile(state, host.Metadata.Name, HostNumbering.Empty with { Epoch = ConnectionEpoch.First with { Number = seed + 7 } });
                var read = HostNumbering.FromJson(compiled.Numbering.ToJson());

                Assert.Equal(compiled.Numbering.ToJson(), read.ToJson());
                Assert.Equal(compiled.Flows.Digest, HostCompiler.Compile(state, host.Metadata.Name, read).Flows.Digest);
            }
        }
    }

    [Fact]
    public void Json_is_what_a_person_can_read()
    {
        var numbering = new HostNumbering { Epoch = ConnectionEpoch.First with { Number = 3 }, Tenants = Numbers.None.For(["shop"]), Zones = Numbers.None.For(["br-int shop/default"]) };

        Assert.Equal(
            """{"epoch":3,"classes":{},"rules":{},"tenants":{"shop":1},"networks":{},"zones":{"br-int shop/default":1},"priorities":{}}""",
            numbering.ToJson());
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("""{"epoch":-1,"classes":{},"rules":{},"tenants":{},"networks":{},"zones":{},"priorities":{}}""")]
    [InlineData("""{"epoch":1,"classes":{"a":"b"},"rules":{},"tenants":{},"networks":{},"zones":{},"priorities":{}}""")]
    public void Other_text_is_refused(string text) => Assert.Throws<JsonException>(() => HostNumbering.FromJson(text));

    [Fact]
    public void Rule_is_found_by_its_number()
    {
        var numbering = new HostNumbering { Rules = Numbers.None.For(["shop/p/a", "shop/p/b"]) };

        Assert.Equal("shop/p/b", numbering.RuleOf(2));
        Assert.Null(numbering.RuleOf(3));
    }
}
