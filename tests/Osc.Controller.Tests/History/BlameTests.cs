using Osc.Controller.History;
using Osc.Model;
using Xunit;

namespace Osc.Controller.Tests.History;

public sealed class BlameTests
{
    [Fact]
    public void Field_is_as_old_as_its_value() => Assert.Equal(
        ["tier=application 1", "order=20 2", "log=true 3"],
        Of("""{"tier":"application","order":10}""", """{"tier":"application","order":20}""", """{"tier":"application","order":20,"log":true}"""));

    [Fact]
    public void Value_that_comes_back_is_as_new_as_its_return() =>
        Assert.Equal(["order=10 3"], Of("""{"order":10}""", """{"order":20}""", """{"order":10}"""));

    [Fact]
    public void Rule_is_told_by_its_name_wherever_it_stands() => Assert.Equal(
        ["rules[new].name=new 2", "rules[new].to[db]=db 2", "rules[old].name=old 1", "rules[old].to[web]=web 1", "rules[old].to[db]=db 2"],
        Of("""{"rules":[{"name":"old","to":["web"]}]}""", """{"rules":[{"name":"new","to":["db"]},{"name":"old","to":["web","db"]}]}"""));

    [Fact]
    public void Items_without_a_name_are_told_by_what_they_are_and_by_how_often() => Assert.Equal(
        ["""members[{"cidr":"192.0.2.0/24"}]={"cidr":"192.0.2.0/24"} 1""", "ports[tcp/1]=tcp/1 1", "ports[tcp/1#2]=tcp/1 2", "none=[] 2", "nothing={} 2"],
        Of("""{"members":[{"cidr":"192.0.2.0/24"}],"ports":["tcp/1"]}""", """{"members":[{"cidr":"192.0.2.0/24"}],"ports":["tcp/1","tcp/1"],"none":[],"nothing":{}}"""));

    private static IEnumerable<string> Of(params string[] versions) =>
        Blame.Of(versions.Select((json, i) => (new Revision(i + 1), json))).Select(f => $"{f.Path}={f.Value} {f.Since}");
}
