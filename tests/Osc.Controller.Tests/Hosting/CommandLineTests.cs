using Osc.Controller.Hosting;
using Xunit;

namespace Osc.Controller.Tests.Hosting;

public sealed class CommandLineTests
{
    [Theory]
    [InlineData("--config", "--config needs a file")]
    [InlineData("--development --config", "--config needs a file")]
    [InlineData("--listen http://127.0.0.1", "unknown argument '--listen'; see --help")]
    [InlineData("--config=a.json", "unknown argument '--config=a.json'; see --help")]
    [InlineData("a.json", "unknown argument 'a.json'; see --help")]
    [InlineData("--backup", "--backup needs a file")]
    [InlineData("--config a.json --restore", "--restore needs a file")]
    [InlineData("--broker-definitions h1 H2", "'H2' is no host's name; allowed: 1 to 63 characters of a-z, 0-9 and '-', beginning and ending with a letter or digit")]
    [InlineData("--Help", "unknown argument '--Help'; see --help")]
    public void Line_that_makes_no_sense_is_an_error(string line, string error) => Assert.Equal(new(Error: error), CommandLine.Parse(line.Split(' ')));

    [Theory]
    [InlineData("--help", Shown.Help)]
    [InlineData("-h", Shown.Help)]
    [InlineData("--development --help", Shown.Help)]
    [InlineData("--version --nonsense", Shown.Version)]
    public void Question_is_answered_whatever_else_is_said(string line, Shown shown) => Assert.Equal(new(Shows: shown), CommandLine.Parse(line.Split(' ')));

    [Theory]
    [InlineData("--backup b.db --config a.json", StoreTask.Backup)]
    [InlineData("--config a.json --restore b.db", StoreTask.Restore)]
    public void Task_on_the_store_is_taken(string line, StoreTask task) => Assert.Equal(new("a.json", Store: (task, "b.db")), CommandLine.Parse(line.Split(' ')));

    [Theory]
    [InlineData("--config a.json", "a.json", false)]
    [InlineData("--config a.json --development", "a.json", true)]
    [InlineData("--development --config --help", "--help", true)]
    [InlineData("--config a.json --config b.json", "b.json", false)]
    public void File_and_mode_are_taken(string line, string file, bool development) => Assert.Equal(new(file, development), CommandLine.Parse(line.Split(' ')));
}
