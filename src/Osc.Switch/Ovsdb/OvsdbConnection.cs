using System.Net.Sockets;
using System.Text.Json;

namespace Osc.Switch.Ovsdb;

/// <summary>JSON-RPC with an OVSDB server over its unix socket (RFC 7047 section 4). One caller at a time.</summary>
internal sealed class OvsdbConnection : IDisposable
{
    private static readonly byte[] Probe = """{"method":"echo","id":"probe","params":[]}"""u8.ToArray();

    private readonly Socket socket;
    private readonly string path;
    private readonly SwitchTiming timing;
    private readonly TimeProvider clock;
    private readonly JsonFrames frames = new();

    private OvsdbConnection(Socket socket, string path, SwitchTiming timing, TimeProvider clock)
    {
        this.socket = socket;
        this.path = path;
        this.timing = timing;
        this.clock = clock;
    }

    /// <exception cref="ConnectionLostException">No server is there.</exception>
    public static OvsdbConnection Open(SwitchSockets sockets, SwitchTiming timing, TimeProvider clock) =>
        new(UnixConnection.Connect(sockets.Database, "no Open vSwitch database"), sockets.Database, timing, clock);

    /// <exception cref="ConnectionLostException">The connection broke.</exception>
    public async Task SendAsync(ReadOnlyMemory<byte> message, CancellationToken cancellation)
    {
        try
        {
            while (!message.IsEmpty)
            {
                message = message[await socket.SendAsync(message, SocketFlags.None, cancellation)..];
            }
        }
        catch (SocketException e)
        {
            throw new ConnectionLostException($"the connection to {path} broke: {e.Message}", e);
        }
    }

    /// <summary>The next message that is no echo; echoes are answered, and a silent server is probed.</summary>
    /// <exception cref="ConnectionLostException">The connection broke, the server is silent, or what it sends is no JSON-RPC.</exception>
    public async Task<JsonDocument> ReceiveAsync(CancellationToken cancellation)
    {
        while (true)
        {
            if (!frames.TryTake(out var frame, out var error))
            {
                await (error is null ? FillAsync(cancellation) : throw new ConnectionLostException($"{path} sent no JSON-RPC: {error}"));
                continue;
            }

            var message = Parse(frame);
            if (!IsEcho(message, out var answer))
            {
                return message;
            }

            message.Dispose();
            if (answer is not null)
            {
                await SendAsync(answer, cancellation);
            }
        }
    }

    public void Dispose() => socket.Dispose();

    private async Task FillAsync(CancellationToken cancellation)
    {
        var start = clock.GetTimestamp();
        try
        {
            var receiving = socket.ReceiveAsync(frames.Room(), SocketFlags.None, cancellation).AsTask();
            while (!receiving.IsCompleted)
            {
                try
                {
                    await receiving.WaitAsync(timing.ProbeInterval, clock, cancellation);
                }
                catch (TimeoutException) when (clock.GetElapsedTime(start) < timing.SilenceLimit)
                {
                    await SendAsync(Probe, cancellation);
                }
            }

            var count = await receiving;
            if (count == 0)
            {
                throw new ConnectionLostException($"the database server closed the connection to {path}");
            }

            frames.Filled(count);
        }
        catch (TimeoutException e)
        {
            throw new ConnectionLostException($"the database server behind {path} has not answered for {timing.SilenceLimit.TotalSeconds:0} s", e);
        }
        catch (SocketException e)
        {
            throw new ConnectionLostException($"the connection to {path} broke: {e.Message}", e);
        }
    }

    private JsonDocument Parse(ReadOnlyMemory<byte> frame)
    {
        try
        {
            return JsonDocument.Parse(frame);
        }
        catch (JsonException e)
        {
            throw new ConnectionLostException($"{path} sent no JSON: {e.Message}", e);
        }
    }

    /// <param name="answer">What to send back; null for the answer to our own probe.</param>
    private static bool IsEcho(JsonDocument message, out byte[]? answer)
    {
        answer = null;
        if (message.RootElement.ValueKind != JsonValueKind.Object)
        {
            return false;
        }

        if (message.RootElement.TryGetProperty("method", out var method))
        {
            if (method.ValueKind != JsonValueKind.String || !method.ValueEquals("echo"u8)
                || !message.RootElement.TryGetProperty("id", out var id) || !message.RootElement.TryGetProperty("params", out var parameters))
            {
                return false;
            }

            answer = System.Text.Encoding.UTF8.GetBytes($$"""{"id":{{id.GetRawText()}},"error":null,"result":{{parameters.GetRawText()}}}""");
            return true;
        }

        return message.RootElement.TryGetProperty("id", out var answered) && answered.ValueKind == JsonValueKind.String && answered.ValueEquals("probe"u8);
    }
}
