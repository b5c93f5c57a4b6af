using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Osc.Lab;

namespace Osc.DriverDomain;

/// <summary>Runs commands in a domain: a connection a command, over QEMU's forwarding of a port of this machine's loopback.</summary>
internal sealed class CommandPort(string domain, int port)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan PollEvery = TimeSpan.FromMilliseconds(100);

    public int Port => port;

    /// <summary>Runs a line of shell to its end.</summary>
    /// <returns>What it printed, on either stream.</returns>
    /// <exception cref="LabException">It ended with another code than 0, or the domain does not answer.</exception>
    public async Task<string> RunAsync(string command, CancellationToken cancellation)
    {
        var (output, code) = await TryAsync(command, cancellation) ?? throw new LabException($"{domain} takes no commands");
        return code == 0 ? output : throw new LabException($"{domain}: {command}: exit code {code}: {output.Trim()}");
    }

    /// <summary>Waits until the domain takes commands. QEMU connects on its behalf whether or not it is there, so it has to be asked.</summary>
    public async Task UpAsync(CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(Patience);
        try
        {
            while (await TryAsync("true", patience.Token) is not (_, 0))
            {
                await Task.Delay(PollEvery, patience.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new LabException($"{domain} takes no commands after {Patience.TotalSeconds} s");
        }
    }

    /// <summary>A port of the loopback that nobody listened at a moment ago.</summary>
    public static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port; // a bound socket has one
    }

    /// <returns>Output and exit code; null where nobody took the command.</returns>
    private async Task<(string Output, int Code)?> TryAsync(string command, CancellationToken cancellation)
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync(IPAddress.Loopback, port, cancellation);
            var stream = client.GetStream();
            await stream.WriteAsync(Encoding.UTF8.GetBytes(command + "\n"), cancellation);
            using var reader = new StreamReader(stream);
            var answer = await reader.ReadToEndAsync(cancellation);
            var end = answer.TrimEnd().LastIndexOf("exit ", StringComparison.Ordinal);
            return end >= 0 && int.TryParse(answer.AsSpan(end + 5).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var code) ? (answer[..end], code) : null;
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            // Reset by QEMU: nobody there.
            return null;
        }
    }
}
