using Osc.Audit;
using Osc.Controller.Audit;
using Osc.Store;
using Xunit;

namespace Osc.Controller.Tests.Audit;

public sealed class ConfigurationRecordTests : IDisposable
{
    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("osc-controller-tests-");

    public void Dispose() => directory.Delete(recursive: true);

    [Fact]
    public void Another_configuration_is_recorded_once_and_without_its_secrets()
    {
        var time = new ManualTime();
        using var store = PolicyStore.Open(Path.Combine(directory.FullName, "osc.db"), time);
        var file = Path.Combine(directory.FullName, "controller.json");
        foreach (var text in new[] { "{ \"secret\": 1 }", "{ \"secret\": 1 }", "{ \"secret\": 2 }", "{ \"secret\": 2 }" })
        {
            File.WriteAllText(file, text);
            ConfigurationRecord.Append(store, file, time);
        }

        ConfigurationRecord.Append(store, null, time);

        var records = store.QueryAudit(new() { Ascending = true }).Items;
        Assert.Equal(2, records.Count);
        Assert.All(records, r => Assert.Equal(("osc", AuditAction.ConfigurationChange), (r.Actor, r.Action)));
        Assert.Null(records[0].Before);
        Assert.Equal(records[0].After, records[1].Before);
        Assert.DoesNotContain("secret", records[1].After!, StringComparison.Ordinal);
    }
}
