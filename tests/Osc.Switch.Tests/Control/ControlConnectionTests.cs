using System.Net.Sockets;
using System.Text;
using Osc.Switch.Control;
using Xunit;

namespace Osc.Switch.Tests.Control;

/// <summary>The client of control sockets against a server that says what a test wants said, over a real unix socket.</summary>
public sealed class ControlConnectionTests : IDisposable
{
    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("osc-ctl-");

    public void Dispose() => directory.Delete(recursive: true);

    [Fact]
    public async Task Command_is_sent_as_json_rpc_and_its_output_comes_back()
    {
        using var server = Serve("ovs-vswitchd.1.ctl", """{"id":0,"result":"a \"b\"\n{c}","error":null}""");
        using var control = ControlConnection.Open(PathOf("ovs-vswitchd.1.ctl"));
        Assert.Equal(new("a \"b\"\n{c}", null), await control.RunAsync("ofproto/trace", ["br0", "in_port=1"], Cancellation));
        Assert.Equal("""{"id":0,"method":"ofproto/trace","params":["br0","in_port=1"]}""", await server.Heard);
    }

    [Fact]
    public async Task Refused_command_is_an_answer()
    {
        using var server = Serve("ovs-vswitchd.1.ctl", """{"id":0,"result":null,"error":"\"no\" is not a valid command"}""");
        using var control = ControlConnection.Open(PathOf("ovs-vswitchd.1.ctl"));
        Assert.Equal(new(null, "\"no\" is not a valid command"), await control.RunAsync("no", [], Cancellation));
    }

    [Theory]
    [InlineData("")]
    [InlineData("""{"id":0,"result":"half""")]
    [InlineData("""{"id":7,"result":"another's","error":null}""")]
    [InlineData("""{"id":0,"result":5,"error":null}""")]
    [InlineData("""{"id":0}""")]
    [InlineData("[1]")]
    [InlineData("nonsense")]
    [InlineData("""{"id":0,"result":"\ud800","error":null}""")]
    public async Task What_is_no_answer_is_a_lost_connection(string answer)
    {
        using var server = Serve("ovs-vswitchd.1.ctl", answer);
        using var control = ControlConnection.Open(PathOf("ovs-vswitchd.1.ctl"));
        await Assert.ThrowsAsync<ConnectionLostException>(() => control.RunAsync("version", [], Cancellation));
    }

    [Fact]
    public async Task Daemon_is_found_by_its_socket_also_beside_those_of_dead_ones()
    {
        LeaveBehind("ovs-vswitchd.9.ctl");
        using var server = Serve("ovs-vswitchd.8.ctl", """{"id":0,"result":"netdev@ovs-netdev:\n  lookups: hit:1 missed:20 lost:19\n","error":null}""");
        File.SetLastWriteTimeUtc(PathOf("ovs-vswitchd.8.ctl"), DateTime.UtcNow.AddHours(-1));
        var reading = await ReadAsync();
        Assert.Equal((null, new("netdev@ovs-netdev", 1, 20, 19)), (reading.Problem, Assert.Single(reading.Counters)));
        Assert.Equal("""{"id":0,"method":"dpctl/show","params":[]}""", await server.Heard);
    }

    [Fact]
    public async Task Counters_that_nobody_gives_are_a_problem_in_words()
    {
        Assert.Equal(("no ovs-vswitchd runs: " + directory.FullName + " has no control socket", 0), Problem(await ReadAsync()));
        LeaveBehind("ovs-vswitchd.9.ctl");
        Assert.Equal(($"nothing listens on {PathOf("ovs-vswitchd.9.ctl")}: Open vSwitch has stopped or crashed", 0), Problem(await ReadAsync()));
        using var server = Serve("ovs-vswitchd.10.ctl", """{"id":0,"result":null,"error":"no dpctl"}""");
        Assert.Equal(("dpctl/show: no dpctl", 0), Problem(await ReadAsync()));
    }

    [Fact]
    public async Task Daemon_that_does_not_answer_is_given_up()
    {
        using var server = Serve("ovs-vswitchd.1.ctl", null);
        await using var client = new SwitchClient(SwitchSockets.In(directory.FullName), new(TimeSpan.FromMilliseconds(10), TimeSpan.FromMilliseconds(50)));
        Assert.Equal(("ovs-vswitchd has not answered for 0 s", 0), Problem(await client.ReadDatapathsAsync(Cancellation)));
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static (string?, int) Problem(DatapathReading reading) => (reading.Problem, reading.Counters.Length);

    private string PathOf(string name) => Path.Combine(directory.FullName, name);

    /// <summary>What a daemon that was killed leaves: a socket at which nobody listens. A plain file refuses connections in the same way.</summary>
    private void LeaveBehind(string name) => File.WriteAllText(PathOf(name), "");

    private async Task<DatapathReading> ReadAsync()
    {
        await using var client = new SwitchClient(SwitchSockets.In(directory.FullName));
        return await client.ReadDatapathsAsync(Cancellation);
    }

    /// <param name="answer">What it says to the first command before it closes; null: nothing, and it does not close.</param>
    private Server Serve(string name, string? answer) => new(PathOf(name), answer);

    /// <summary>Takes one connection and one command.</summary>
    private sealed class Server : IDisposable
    {
        private readonly Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        private Socket? connection;

        public Server(string path, string? answer)
        {
            listener.Bind(new UnixDomainSocketEndPoint(path));
            listener.Listen();
            Heard = ServeAsync(answer);
        }

        public Task<string> Heard { get; }

        public void Dispose()
        {
            listener.Dispose();
            connection?.Dispose();
        }

        private async Task<string> ServeAsync(string? answer)
        {
            try
            {
                connection = await listener.AcceptAsync();
                var buffer = new byte[4096];
                var command = Encoding.UTF8.GetString(buffer, 0, await connection.ReceiveAsync(buffer));
                if (answer is not null)
                {
                    await connection.SendAsync(Encoding.UTF8.GetBytes(answer));
                    connection.Shutdown(SocketShutdown.Both);
                }

                return command;
            }
            catch (SocketException e)
            {
                return $"nothing: {e.Message}";
            }
        }
    }
}
