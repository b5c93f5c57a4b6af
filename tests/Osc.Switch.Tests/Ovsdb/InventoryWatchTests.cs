using System.Net.Sockets;
using System.Text;
using Osc.Switch.Ovsdb;
using Xunit;

namespace Osc.Switch.Tests.Ovsdb;

/// <summary>Following a database server that a test plays.</summary>
public sealed class InventoryWatchTests
{
    private const string Nothing = """{"id":"monitor","error":null,"result":{}}""";

    [Fact]
    public async Task Echo_of_the_server_is_answered_with_its_own_parameters()
    {
        await using var server = new FakeDatabase();
        var (seen, said) = await server.PlayAsync("""{"method":"echo","id":"e","params":["x",7]}""", """{"id":"e","error":null,"result":["x",7]}""");
        Assert.IsType<InventoryLost>(Assert.Single(seen));
        Assert.Contains("\"method\":\"monitor\"", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_silent_server_is_probed()
    {
        await using var server = new FakeDatabase();
        var (_, said) = await server.PlayAsync("", "\"echo\"", new SwitchTiming(TimeSpan.FromMilliseconds(20), TimeSpan.FromSeconds(60)));
        Assert.Contains("""{"method":"echo","id":"probe","params":[]}""", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_stays_silent_is_given_up()
    {
        await using var server = new FakeDatabase();
        var (seen, _) = await server.PlayAsync("", null, new SwitchTiming(TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(100)));
        Assert.Contains("has not answered", Assert.IsType<InventoryLost>(Assert.Single(seen)).Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GARBAGE", "where a JSON object begins")]
    [InlineData("{]", "sent no JSON")]
    [InlineData("[1]", "a message that is no object")]
    [InlineData("""{"id":"monitor","error":null,"result":{"Bridge":{"\udc00":{}}}}""", "sent no JSON")]
    [InlineData("""{"method":"\udc00"}""", "sent no JSON")]
    [InlineData("""{"id":"monitor","error":{"error":"unknown database"},"result":null}""", "refused to be followed: {\"error\":\"unknown database\"}")]
    [InlineData("""{"method":"update","params":["inventory"]}""", "an update of an unknown form")]
    [InlineData("""{"method":"update","params":["inventory",7]}""", "an update of an unknown form")]
    [InlineData("""{"id":"monitor","error":null,"result":[]}""", "an update of an unknown form")]
    public async Task What_is_no_inventory_ends_it_with_a_reason(string answer, string reason)
    {
        await using var server = new FakeDatabase();
        var (seen, _) = await server.PlayAsync(Nothing + answer, null);
        Assert.Contains(reason, Assert.IsType<InventoryLost>(seen[^1]).Reason, StringComparison.Ordinal);
    }

    /// <summary>Listens where a database would, for one client.</summary>
    private sealed class FakeDatabase : IAsyncDisposable
    {
        private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("osc");
        private readonly Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

        public FakeDatabase()
        {
            listener.Bind(new UnixDomainSocketEndPoint(Path.Combine(directory.FullName, "db.sock")));
            listener.Listen();
        }

        /// <summary>Says something, then listens until the client has said <paramref name="until"/>, or with null until it hangs up.</summary>
        /// <returns>What a watcher saw until the end, and what it said.</returns>
        public async Task<(List<InventoryEvent> Seen, string Said)> PlayAsync(string text, string? until, SwitchTiming? timing = null)
        {
            var said = ServeAsync(text, until);
            await using var client = new SwitchClient(SwitchSockets.In(directory.FullName), timing);
            var seen = new List<InventoryEvent>();
            await foreach (var next in client.WatchAsync(CancellationToken.None))
            {
                seen.Add(next);
            }

            return (seen, await said);
        }

        public ValueTask DisposeAsync()
        {
            listener.Dispose();
            directory.Delete(recursive: true);
            return ValueTask.CompletedTask;
        }

        private async Task<string> ServeAsync(string text, string? until)
        {
            using var socket = await listener.AcceptAsync();
            await socket.SendAsync(Encoding.UTF8.GetBytes(text));
            var said = "";
            var buffer = new byte[4096];
            while ((until is null || !said.Contains(until, StringComparison.Ordinal)) && await socket.ReceiveAsync(buffer) is var count and not 0)
            {
                said += Encoding.UTF8.GetString(buffer, 0, count);
            }

            return said;
        }
    }
}
