using System.Buffers;
using System.Net.Sockets;
using System.Text.Json;
using Osc.Switch.Ovsdb;

namespace Osc.Switch.Control;

/// <summary>What a daemon answered a command: what it prints, or why it refused. Exactly one of the two is set.</summary>
public sealed record ControlAnswer(string? Output, string? Error);

/// <summary>
/// A daemon's control socket, to which ovs-appctl too speaks: JSON-RPC 1.0 over a unix socket (ovs-appctl(8)). A connection
/// takes any number of commands, one after the other.
/// </summary>
public sealed class ControlConnection : IDisposable
{
    /// <summary>The longest answer that is read; dpctl/show has a line for each port.</summary>
    private const int MaxAnswerBytes = 16 * 1024 * 1024;

    private readonly Socket socket;
    private readonly string path;
    private readonly JsonFrames frames = new(MaxAnswerBytes);
    private long commands;

    private ControlConnection(Socket socket, string path) => (this.socket, this.path) = (socket, path);

    /// <exception cref="ConnectionLostException">Nobody listens there.</exception>
    public static ControlConnection Open(string path) => new(UnixConnection.Connect(path, "no control socket"), path);

    /// <summary>
    /// The control socket of the ovs-vswitchd of a run directory, "ovs-vswitchd.PID.ctl". Of several, which daemons that died have
    /// left behind, the newest on which somebody listens.
    /// </summary>
    /// <exception cref="ConnectionLostException">There is none.</exception>
    public static ControlConnection OpenDaemon(string runDirectory)
    {
        ConnectionLostException? refused = null;
        foreach (var path in SocketsIn(runDirectory))
        {
            try
            {
                return Open(path);
            }
            catch (ConnectionLostException e)
            {
                refused ??= e;
            }
        }

        throw refused ?? new ConnectionLostException($"no ovs-vswitchd runs: {runDirectory} has no control socket");
    }

    /// <summary>Runs a command. After an exception, or a cancellation, the connection is of no more use.</summary>
    /// <exception cref="ConnectionLostException">The daemon went away, or what it sends is no answer.</exception>
    public async Task<ControlAnswer> RunAsync(string command, IReadOnlyList<string> arguments, CancellationToken cancellation)
    {
        var id = commands++;
        try
        {
            ReadOnlyMemory<byte> request = Encode(id, command, arguments);
            while (!request.IsEmpty)
            {
                request = request[await socket.SendAsync(request, SocketFlags.None, cancellation)..];
            }

            while (true)
            {
                if (frames.TryTake(out var frame, out var error))
                {
                    return Decode(id, frame);
                }

                if (error is not null)
                {
                    throw new ConnectionLostException($"{path} sent no answer: {error}");
                }

                var count = await socket.ReceiveAsync(frames.Room(), SocketFlags.None, cancellation);
                if (count == 0)
                {
                    throw new ConnectionLostException($"the daemon closed the connection to {path}");
                }

                frames.Filled(count);
            }
        }
        catch (SocketException e)
        {
            throw new ConnectionLostException($"the connection to {path} broke: {e.Message}", e);
        }
    }

    public void Dispose() => socket.Dispose();

    private static IEnumerable<string> SocketsIn(string runDirectory)
    {
        try
        {
            return Directory.GetFiles(runDirectory, "ovs-vswitchd.*.ctl").OrderByDescending(File.GetLastWriteTimeUtc);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ConnectionLostException($"{runDirectory}: {e.Message}", e);
        }
    }

    private static ReadOnlyMemory<byte> Encode(long id, string command, IReadOnlyList<string> arguments)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        json.WriteNumber("id", id);
        json.WriteString("method", command);
        json.WriteStartArray("params");
        foreach (var argument in arguments)
        {
            json.WriteStringValue(argument);
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenMemory;
    }

    private ControlAnswer Decode(long id, ReadOnlyMemory<byte> frame)
    {
        try
        {
            using var document = JsonDocument.Parse(frame);
            var answer = document.RootElement;
            if (answer.ValueKind == JsonValueKind.Object
                && answer.TryGetProperty("id", out var answered) && answered.ValueKind == JsonValueKind.Number && answered.TryGetInt64(out var number) && number == id
                && answer.TryGetProperty("error", out var error) && answer.TryGetProperty("result", out var result))
            {
                return (error.ValueKind, result.ValueKind) switch
                {
                    (JsonValueKind.Null, JsonValueKind.String) => new(result.GetString(), null),
                    (JsonValueKind.Null, JsonValueKind.Null) => new("", null),
                    (JsonValueKind.String, _) => new(null, error.GetString()),
                    _ => throw new ConnectionLostException($"{path} sent no answer of a known form"),
                };
            }

            throw new ConnectionLostException($"{path} sent no answer to command {id}");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: a text that is no Unicode.
            throw new ConnectionLostException($"{path} sent no JSON: {e.Message}", e);
        }
    }
}
