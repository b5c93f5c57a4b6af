using Osc.Cli.CommandLine;
using Osc.Cli.Terminal;
using Osc.Controller.Configuration;
using Xunit;

namespace Osc.Controller.Tests.Audit;

/// <summary>osc diff and osc blame against a whole controller.</summary>
public sealed class HistoryCommandTests : IAsyncLifetime
{
    private TestController controller = null!; // set before each test

    public async ValueTask InitializeAsync()
    {
        controller = await TestController.StartAsync();
        await controller.ApplyAsync(TestDocuments.Shop);
        await controller.SendAsync(HttpMethod.Put, "/api/v1/shop/service/dns", Role.Editor, TestDocuments.Service("dns", "udp/53"), headers: "Osc-Reason: names are needed");
        await controller.SendAsync(HttpMethod.Put, "/api/v1/shop/service/dns", Role.Admin, TestDocuments.Service("dns", "udp/53, tcp/53"), headers: "Osc-Reason: and long answers");
    }

    public ValueTask DisposeAsync() => controller.DisposeAsync();

    [Fact]
    public async Task Blame_says_who_brought_each_field()
    {
        var (code, output) = await OscAsync("blame", "shop/service", "dns");

        Assert.Equal(0, code);
        Assert.Matches("\n2 +[^\n]+ editor +spec.ports\\[udp/53\\] +udp/53 +names are needed *\n", output);
        Assert.Matches("\n3 +[^\n]+ admin +spec.ports\\[tcp/53\\] +tcp/53 +and long answers *\n", output);
        Assert.Equal(1, (await OscAsync("blame", "shop/service", "nothing")).Code);
        Assert.Equal(2, (await OscAsync("blame", "shop/service")).Code);
    }

    [Fact]
    public async Task Diff_says_what_differs_between_two_revisions()
    {
        Assert.Equal((0, "created shop/Service/dns\n"), await OscAsync("diff", "1", "2"));
        Assert.Equal((0, "updated shop/Service/dns\n  spec.ports + tcp/53\n"), await OscAsync("diff", "2", "3"));
        Assert.Equal((0, "deleted shop/Service/dns\n"), await OscAsync("diff", "3", "1"));
        Assert.Equal((0, "no document differs\n"), await OscAsync("diff", "3", "3"));
        Assert.Equal(1, (await OscAsync("diff", "3", "4")).Code);
    }

    private async Task<(int Code, string Output)> OscAsync(params string[] arguments)
    {
        var output = new StringWriter { NewLine = "\n" };
        var shell = new Shell(output, TextWriter.Null, isTerminal: false)
        {
            OpenInput = () => Stream.Null,
            OpenOutput = () => Stream.Null,
            Variable = name => name switch { "OSC_SERVER" => controller.App.Urls.Single(), "OSC_TOKEN" => TestController.SecretOf(Role.Viewer), _ => null },
        };
        return (await OscCommand.RunAsync(arguments, shell), output.ToString());
    }
}
