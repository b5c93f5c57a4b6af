using Xunit;

namespace Osc.Cli.Tests.CommandLine;

public sealed class OscCommandTests
{
    public static TheoryData<string> Commands => ["check", "compile", "explain", "plan", "engine", "apply", "get", "delete", "hosts", "host", "alarms", "rollout", "revisions", "audit"];

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task Help_of_every_command_has_its_options_and_examples(string command)
    {
        var run = await CliRun.Of(command + " --help");
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("--", run.Output);
        Assert.Contains("Examples:\n  osc " + command, run.Output);
    }

    [Fact]
    public async Task Help_names_every_command_and_the_exit_codes()
    {
        var run = await CliRun.Of("--help");
        Assert.Equal(0, run.ExitCode);
        Assert.All(Commands, command => Assert.Contains($"\n  {command.Data} ", run.Output));
        Assert.Contains("0 done, 1 refused, 2 bad usage, 3 server out of reach", run.Output);
    }

    [Theory]
    [InlineData("frob", "'frob'")]
    [InlineData("", "Required command")]
    [InlineData("check", "'DIR'")]
    [InlineData("check a --frob", "'--frob'")]
    [InlineData("check a -o xml", "'xml'")]
    [InlineData("compile policies", "'--host'")]
    [InlineData("compile policies --host h1 --format xml", "'xml'")]
    [InlineData("apply", "'--file'")]
    [InlineData("audit --limit x", "'x' is no whole number")]
    [InlineData("audit --limit 0", "'0' is no whole number")]
    [InlineData("rollout 1x", "'1x' is no whole number")]
    [InlineData("rollout --watch --timeout -1", "'-1' is no number of seconds")]
    [InlineData("delete shop/policy", "name the document")]
    [InlineData("plan old", "say either OLD_DIR and NEW_DIR")]
    [InlineData("plan old new -f x", "say either OLD_DIR and NEW_DIR")]
    [InlineData("explain policies", "say either --from")]
    [InlineData("explain policies --from a --connections -", "say either --from")]
    [InlineData("explain --connections -", "name their DIR")]
    [InlineData("hosts", "which server?")]
    [InlineData("hosts --server ftp://x", "'ftp://x' is no server's address")]
    [InlineData("hosts --server osc.example.com", "'osc.example.com' is no server's address")]
    [InlineData("hosts --server http://x --token-file /nonexistent/token", "the token cannot be read")]
    public async Task Wrong_command_line_says_what_is_wrong(string arguments, string part)
    {
        var run = await CliRun.Of(arguments);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains(part, run.Error);
        Assert.DoesNotContain("System.", run.Error);
        Assert.Equal("", run.Output);
    }
}
