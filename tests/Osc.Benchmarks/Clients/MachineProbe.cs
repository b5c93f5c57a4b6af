using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Osc.Benchmarks.Clients;

/// <summary>
/// What the machine itself takes, once a second beside the load: to put 4 KB on the disk that the store is on, and to answer a request with nothing behind it. Where these are slow, so is
/// everything.
/// </summary>
internal sealed class MachineProbe : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly FileStream file;
    private readonly HttpClient http = new();
    private readonly byte[] page = new byte[4096];

    /// <param name="directory">On the store's disk.</param>
    public MachineProbe(string directory)
    {
        file = new(Path.Combine(directory, "probe"), FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        listener.Start();
        _ = AnswerAsync();
    }

    /// <summary>Measures until it is stopped.</summary>
    public async Task RunAsync(Tally tally, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(Interval);
        try
        {
            do
            {
                await OnceAsync(tally);
            }
            while (await timer.WaitForNextTickAsync(stop));
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return;
        }
    }

    public async Task OnceAsync(Tally tally)
    {
        var started = Stopwatch.GetTimestamp();
        file.Write(page);
        file.Flush(flushToDisk: true);
        tally.Answered("the disk: 4 KB flushed", RequestClass.Write, Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        started = Stopwatch.GetTimestamp();
        using var answer = await http.GetAsync($"http://{listener.LocalEndpoint}/");
        tally.Answered("an empty HTTP answer", RequestClass.Read, Stopwatch.GetElapsedTime(started).TotalMilliseconds);
    }

    public void Dispose()
    {
        listener.Dispose();
        http.Dispose();
        file.Dispose();
    }

    /// <summary>The same answer to whatever comes, for as long as the listener is there.</summary>
    private async Task AnswerAsync()
    {
        var (buffer, answer) = (new byte[4096], "HTTP/1.1 204 No Content\r\n\r\n"u8.ToArray());
        try
        {
            while (true)
            {
                using var client = await listener.AcceptTcpClientAsync();
                client.NoDelay = true;
                var stream = client.GetStream();
                while (await stream.ReadAsync(buffer) > 0)
                {
                    await stream.WriteAsync(answer);
                }
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or IOException)
        {
            // Disposed, or the client has left.
        }
    }
}
