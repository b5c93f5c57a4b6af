using System.Diagnostics;
using System.Text.RegularExpressions;
using Osc.Lab;
using Xunit;

namespace Osc.Integration.WholeSystem;

/// <summary>"A first policy in five minutes", as it stands in the README, typed in from top to bottom.</summary>
public sealed partial class ReadmeTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static readonly string Readme = File.ReadAllText(Path.Combine(PolicySet.Repository, "README.md"));

    [Fact]
    public async Task First_policy_is_put_into_force_as_the_readme_says()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var space = await LabSpace.ClaimAsync("readme");
        Directory.CreateSymbolicLink(Path.Combine(space.DirectoryPath, "bin"), Path.GetDirectoryName(ProgramRun.PathOf("osc"))!); // it is in a directory
        var documents = Directory.CreateDirectory(Path.Combine(space.DirectoryPath, "shop"));
        await File.WriteAllTextAsync(Path.Combine(documents.FullName, "shop.yaml"), Block("yaml", "apiVersion: osc/v1"), cancellation);

        Assert.Equal(4, await TypeAsync(space, Block("sh", "bin/osc check"), server: "", cancellation));

        var address = $"http://127.0.0.1:{RunningSystem.FreePort()}";
        var start = Block("sh", "bin/osc-standalone");
        using var standalone = space.Start("bash", ["-c", $"cd {space.DirectoryPath} && {start.Replace("bin/", "exec bin/", StringComparison.Ordinal)}"], new Dictionary<string, string> { ["OSC_LISTEN"] = address });
        await SaysAsync(standalone, "listens at", cancellation);
        Assert.Equal(4, await TypeAsync(space, Block("sh", "bin/osc apply"), address, cancellation));
    }

    /// <summary>Runs the commands of a block one by one, and holds a verdict against the one that stands in the comment beside.</summary>
    /// <returns>How many.</returns>
    private async Task<int> TypeAsync(LabSpace space, string block, string server, CancellationToken cancellation)
    {
        var commands = block.Split('\n').Where(l => l.StartsWith("bin/osc ", StringComparison.Ordinal)).ToArray();
        foreach (var command in commands)
        {
            output.WriteLine("$ " + command);
            var said = await Command.RunAsync("bash", ["-c", $"cd {space.DirectoryPath} && {command}"], environment: new Dictionary<string, string> { ["OSC_SERVER"] = server }, cancellation: cancellation);
            output.WriteLine(said);
            if (Verdict().Match(command) is { Success: true, Groups: [_, var verdict] })
            {
                Assert.Contains($"verdict: {verdict.Value}", said, StringComparison.Ordinal);
            }
        }

        return commands.Length;
    }

    /// <summary>The one block of a language that has a text.</summary>
    private static string Block(string language, string text) =>
        Assert.Single(Readme.Split("```").Where((b, i) => i % 2 == 1 && b.StartsWith(language + "\n", StringComparison.Ordinal) && b.Contains(text, StringComparison.Ordinal)))[(language.Length + 1)..];

    private static async Task SaysAsync(Process process, string text, CancellationToken cancellation)
    {
        var said = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        process.ErrorDataReceived += static (_, _) => { };
        process.OutputDataReceived += (_, line) =>
        {
            if (line.Data is null)
            {
                said.TrySetException(new LabException($"it ended before it said '{text}'"));
            }
            else if (line.Data.Contains(text, StringComparison.Ordinal))
            {
                said.TrySetResult();
            }
        };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        await said.Task.WaitAsync(Patience, cancellation);
    }

    [GeneratedRegex("# (allow|drop)\\b")]
    private static partial Regex Verdict();
}
