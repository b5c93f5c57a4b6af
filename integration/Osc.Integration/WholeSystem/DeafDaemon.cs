using System.Net.Sockets;
using System.Text;

namespace Osc.Integration.WholeSystem;

/// <summary>
/// A control socket that looks like the newest ovs-vswitchd's and says that the datapath loses nearly every upcall, as Open vSwitch 3.1.0
/// does that was started too early. Whoever asks is answered, once a connection, until it is disposed of.
/// </summary>
internal sealed class DeafDaemon : IAsyncDisposable
{
    private const string Answer = """{"id":0,"result":"netdev@ovs-netdev:\n  lookups: hit:3 missed:40 lost:39\n  flows: 0\n","error":null}""";

    private readonly Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly CancellationTokenSource stop = new();
    private readonly Task serving;

    public DeafDaemon(string runDirectory)
    {
        listener.Bind(new UnixDomainSocketEndPoint(Path.Combine(runDirectory, "ovs-vswitchd.deaf.ctl")));
        listener.Listen();
        serving = ServeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await serving;
        listener.Dispose(); // takes the file away too
        stop.Dispose();
    }

    private async Task ServeAsync()
    {
        var command = new byte[4096];
        while (!stop.IsCancellationRequested)
        {
            try
            {
                using var connection = await listener.AcceptAsync(stop.Token);
                await connection.ReceiveAsync(command, stop.Token);
                await connection.SendAsync(Encoding.UTF8.GetBytes(Answer), stop.Token);
                connection.Shutdown(SocketShutdown.Both);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
        }
    }
}
