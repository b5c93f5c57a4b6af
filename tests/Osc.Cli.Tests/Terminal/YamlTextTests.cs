using System.Text.Json;
using Osc.Cli.Terminal;
using Xunit;

namespace Osc.Cli.Tests.Terminal;

public sealed class YamlTextTests
{
    [Theory]
    [InlineData("{}", "{}\n")]
    [InlineData("[]", "[]\n")]
    [InlineData("1.5", "1.5\n")]
    [InlineData("\"web\"", "web\n")]
    [InlineData("\"\"", "\"\"\n")]
    [InlineData("\"true\"", "\"true\"\n")]
    [InlineData("\"No\"", "\"No\"\n")]
    [InlineData("\"10.0.0.1\"", "\"10.0.0.1\"\n")]
    [InlineData("\"a: b\"", "\"a: b\"\n")]
    [InlineData("\"a #b\"", "\"a #b\"\n")]
    [InlineData("\"a \"", "\"a \"\n")]
    [InlineData("\"a\\nb\"", "\"a\\nb\"\n")]
    [InlineData("""{"a":{"b":[1,{"c":null,"d":[]}],"e":{}}}""", "a:\n  b:\n  - 1\n  - c: null\n    d: []\n  e: {}\n")]
    [InlineData("""[[1,2],[{"a":1,"b":2}]]""", "- - 1\n  - 2\n- - a: 1\n    b: 2\n")]
    public void Json_is_printed_as_block_yaml(string json, string yaml)
    {
        using var document = JsonDocument.Parse(json);
        Assert.Equal(yaml, YamlText.Of(document.RootElement));
    }
}
