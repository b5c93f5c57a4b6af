using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Osc.Lab;

/// <summary>
/// A daemon's control socket, which ovs-appctl too speaks to: JSON-RPC 1.0 over a unix socket (ovs-appctl(8)). One connection
/// for many commands, so thousands of traces take seconds.
/// </summary>
public sealed class UnixControl : IAsyncDisposable
{
    private readonly Socket socket;
    private readonly byte[] buffer = new byte[1 << 16];

    private UnixControl(Socket socket) => this.socket = socket;

    /// <exception cref="SocketException">Nobody listens there.</exception>
    public static async Task<UnixControl> ConnectAsync(string path)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(path));
        return new(socket);
    }

    /// <summary>Runs a command and returns what it prints.</summary>
    /// <exception cref="LabException">The daemon refuses it, or goes away.</exception>
    public async Task<string> RunAsync(string command, params string[] arguments)
    {
        var request = JsonSerializer.Serialize(new { id = 0, method = command, @params = arguments });
        await socket.SendAsync(Encoding.UTF8.GetBytes(request));
        var answer = new MemoryStream();
        while (true)
        {
            var count = await socket.ReceiveAsync(buffer);
            if (count == 0)
            {
                throw new LabException($"{command}: the daemon closed the connection");
            }

            answer.Write(buffer, 0, count);
            if (TryRead(answer.GetBuffer().AsSpan(0, (int)answer.Length)) is { } document)
            {
                using (document)
                {
                    var error = document.RootElement.GetProperty("error");
                    return error.ValueKind == JsonValueKind.Null
                        ? document.RootElement.GetProperty("result").GetString() ?? ""
                        : throw new LabException($"{command}: {error}");
                }
            }
        }
    }

    public ValueTask DisposeAsync()
    {
        socket.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>The answer, or null while only a part of it is there.</summary>
    private static JsonDocument? TryRead(ReadOnlySpan<byte> bytes)
    {
        var reader = new Utf8JsonReader(bytes, isFinalBlock: false, default);
        return JsonDocument.TryParseValue(ref reader, out var document) ? document : null;
    }
}
