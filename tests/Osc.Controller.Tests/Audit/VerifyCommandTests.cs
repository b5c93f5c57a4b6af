using System.Text;
using Microsoft.Data.Sqlite;
using Osc.Cli.CommandLine;
using Osc.Cli.Terminal;
using Osc.Controller.Configuration;
using Xunit;

namespace Osc.Controller.Tests.Audit;

/// <summary>The audit commands of osc against a whole controller.</summary>
public sealed class VerifyCommandTests : IAsyncLifetime
{
    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("osc-controller-tests-");
    private TestController controller = null!; // made before each test

    private string Held => Path.Combine(directory.FullName, "osc.checkpoint");

    public async ValueTask InitializeAsync()
    {
        controller = await TestController.StartAsync();
        await controller.ApplyAsync(TestDocuments.Shop);
    }

    public async ValueTask DisposeAsync()
    {
        await controller.DisposeAsync();
        directory.Delete(recursive: true);
    }

    [Fact]
    public async Task Log_of_a_server_is_verified_and_then_again_against_what_was_seen()
    {
        var first = await OscAsync("audit", "verify", "--checkpoint", Held);
        await controller.SendAsync(HttpMethod.Put, "/api/v1/shop/service/dns", Role.Editor, TestDocuments.Service("dns", "udp/53"));
        var second = await OscAsync("audit", "verify", "--checkpoint", Held);

        Assert.Equal((0, ""), (first.Code, first.Error));
        Assert.Matches("^osc/[0-9a-f]{16}: ([0-9]+) records are those of the checkpoint of \\1\n$", first.Output);
        Assert.Equal((0, ""), (second.Code, second.Error));
        Assert.Matches("\nnothing was changed since the checkpoint of [0-9]+ that was held\n$", second.Output);
        Assert.StartsWith((await File.ReadAllLinesAsync(Held, TestContext.Current.CancellationToken))[0], (await OscAsync("audit", "checkpoint")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Record_that_was_changed_in_the_store_is_found()
    {
        await OscAsync("audit", "verify", "--checkpoint", Held);
        var before = await File.ReadAllTextAsync(Held, TestContext.Current.CancellationToken);
        Alter("drop trigger audit_no_update; update audit set actor = 'eve' where sequence = 4");

        var verified = await OscAsync("audit", "verify", "--checkpoint", Held);

        Assert.Equal(1, verified.Code);
        Assert.Contains("not those of the checkpoint", verified.Error, StringComparison.Ordinal);
        Assert.EndsWith("the audit log is NOT the one that was signed\n", verified.Error, StringComparison.Ordinal);
        Assert.Equal(before, await File.ReadAllTextAsync(Held, TestContext.Current.CancellationToken));
        Assert.Contains("is NOT the one that the log had", (await OscAsync("audit", "prove", "4", "--checkpoint", Held)).Error, StringComparison.Ordinal);
        Assert.Equal(0, (await OscAsync("audit", "prove", "5", "--checkpoint", Held)).Code);
    }

    [Fact]
    public async Task Log_of_another_controller_is_not_the_one_that_was_seen()
    {
        await OscAsync("audit", "verify", "--checkpoint", Held);
        await controller.DisposeAsync();
        await InitializeAsync();

        var verified = await OscAsync("audit", "verify", "--checkpoint", Held);

        Assert.Equal(1, verified.Code);
        Assert.Contains("the checkpoint that is held is signed by none of the keys", verified.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Export_is_verified_without_a_server()
    {
        var keys = Write("osc.keys", (await OscAsync("audit", "keys")).Output);
        await controller.GetAsync("/api/v1/audit"); // who is seen for the first time is recorded
        var checkpoint = Write("osc.checkpoint", (await OscAsync("audit", "checkpoint")).Output);
        var export = Write("audit.ndjson", (await controller.GetAsync("/api/v1/audit?order=asc", accept: "application/x-ndjson")).Text);

        var good = await OfflineAsync("audit", "verify", export, "--checkpoint", checkpoint, "--keys", keys);
        Assert.Equal((0, ""), (good.Code, good.Error));

        var lines = await File.ReadAllLinesAsync(export, TestContext.Current.CancellationToken);
        foreach (var (bad, why) in new[]
        {
            (string.Join('\n', lines[..^1]), $"there are {lines.Length - 1} records, and a checkpoint is of {lines.Length}"),
            (string.Join('\n', lines[1..]), "records 1 to 1 are missing"),
            (string.Join('\n', [.. lines[..3], .. lines[4..]]), "audit.ndjson:4: record 5 comes where 4 should"),
            (string.Join('\n', lines).Replace("\"admin\"", "\"eve\"", StringComparison.Ordinal), "not those of the checkpoint"),
            ("", "there are no records"),
            ("nonsense", "audit.ndjson:1: this is no audit record"),
        })
        {
            var verified = await OfflineAsync("audit", "verify", Write("audit.ndjson", bad), "--checkpoint", checkpoint);
            Assert.Equal(1, verified.Code);
            Assert.Contains(why, verified.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Log_is_counted_exported_and_followed()
    {
        var counts = await OscAsync("audit", "counts", "--by", "actor", "--kind", "policy");
        Assert.Equal("ACTOR  RECORDS\nadmin  1\n", counts.Output);
        Assert.Equal(0, (await OscAsync("audit", "export", "--format", "csv")).Code);
        Assert.Equal(2, (await OscAsync("audit", "export", "--format", "pdf")).Code);
        Assert.Equal(1, (await OscAsync("audit", "tail", "--after", "x")).Code);
    }

    [Fact]
    public async Task Checkpoint_has_to_be_signed_by_a_key_that_is_held()
    {
        var stranger = Write("other.keys", (await OfflineAsync("audit", "new-key", Path.Combine(directory.FullName, "other"))).Output);
        var checkpoint = Write("osc.checkpoint", (await OscAsync("audit", "checkpoint")).Output);
        var export = Write("audit.ndjson", (await controller.GetAsync("/api/v1/audit?order=asc", accept: "application/x-ndjson")).Text);

        Assert.Contains("signed by none of the keys", (await OfflineAsync("audit", "verify", export, "--checkpoint", checkpoint, "--keys", stranger)).Error, StringComparison.Ordinal);
        Assert.Contains("signed by none of the keys", (await OscAsync("audit", "verify", "--keys", stranger)).Error, StringComparison.Ordinal);
        Assert.Equal(2, (await OfflineAsync("audit", "verify", export)).Code);
        Assert.Equal(2, (await OfflineAsync("audit", "verify", export, "--checkpoint", export)).Code);
        Assert.Equal(2, (await OfflineAsync("audit", "verify", export, "--checkpoint", checkpoint, "--keys", export)).Code);
    }

    [Fact]
    public async Task Key_file_is_rotated_and_keeps_the_old_public_key()
    {
        var file = Path.Combine(directory.FullName, "key");
        var first = (await OfflineAsync("audit", "new-key", file)).Output.Trim();
        var second = (await OfflineAsync("audit", "rotate-key", file)).Output.Trim();

        Assert.Equal([second, first], (await File.ReadAllLinesAsync(file, TestContext.Current.CancellationToken))[1..]);
        Assert.Equal(1, (await OfflineAsync("audit", "new-key", file)).Code);
        Assert.Equal(1, (await OfflineAsync("audit", "rotate-key", Held)).Code);
    }

    private Task<(int Code, string Output, string Error)> OscAsync(params string[] arguments) =>
        RunAsync(arguments, name => name switch { "OSC_SERVER" => controller.App.Urls.Single(), "OSC_TOKEN" => TestController.SecretOf(Role.Auditor), _ => null });

    private static Task<(int Code, string Output, string Error)> OfflineAsync(params string[] arguments) => RunAsync(arguments, _ => null);

    private static async Task<(int Code, string Output, string Error)> RunAsync(string[] arguments, Func<string, string?> variable)
    {
        var (output, error) = (new StringWriter { NewLine = "\n" }, new StringWriter { NewLine = "\n" });
        var shell = new Shell(output, error, isTerminal: false) { OpenInput = () => Stream.Null, OpenOutput = () => Stream.Null, Variable = variable };
        return (await OscCommand.RunAsync(arguments, shell), output.ToString(), error.ToString());
    }

    private string Write(string name, string text)
    {
        var path = Path.Combine(directory.FullName, name);
        File.WriteAllText(path, text, new UTF8Encoding(false));
        return path;
    }

    /// <summary>What somebody with the file can do.</summary>
    private void Alter(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={controller.StorePath};Pooling=false");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
