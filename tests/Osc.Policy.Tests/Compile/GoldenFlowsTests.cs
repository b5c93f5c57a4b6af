using Osc.Model;
using Osc.Policy.Compile;
using Osc.Policy.Documents;
using Osc.Policy.Validation;
using Xunit;

namespace Osc.Policy.Tests.Compile;

/// <summary>
/// The flows of the sets in policies/, as text that a person can read a change of the compiler in. OSC_UPDATE_GOLDEN=1
/// writes them anew.
/// </summary>
public sealed class GoldenFlowsTests
{
    public static TheoryData<string, string> Hosts => new(
        from set in Directory.GetDirectories(Path.Combine(Repository.Root, "policies")).Order(StringComparer.Ordinal)
        from host in Load(set).Hosts
        select (Path.GetFileName(set), host.Metadata.Name.Value));

    [Theory]
    [MemberData(nameof(Hosts))]
    public void Policy_set_compiles_to_its_expected_flows(string set, string host)
    {
        var directory = Path.Combine(Repository.Root, "policies", set);
        var compiled = HostCompiler.Compile(Load(directory), Name.Parse(host), HostNumbering.Empty);
        foreach (var bridge in compiled.Flows.Bridges)
        {
            var path = Path.Combine(directory, "expected", $"{host}.{bridge.Bridge}.flows");
            var text = string.Concat(bridge.Flows.Select(f => f + "\n"));
            if (Repository.UpdatesGolden)
            {
                Directory.CreateDirectory(Path.Combine(directory, "expected"));
                File.WriteAllText(path, text);
            }

            Assert.Equal(File.ReadAllText(path), text);
        }
    }

    private static State Load(string directory)
    {
        var read = DocumentDirectory.Read(directory);
        var result = StateValidator.Validate(new Revision(1), Model.Documents.DocumentSet.Of(read.Documents));
        return result.State ?? throw new InvalidOperationException(string.Join('\n', read.Errors.Concat(result.Errors)));
    }
}
