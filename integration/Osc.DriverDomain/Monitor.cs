using System.Diagnostics;
using System.Net.Sockets;
using System.Text.Json;
using Osc.Lab;

namespace Osc.DriverDomain;

/// <summary>QEMU's machine protocol (docs/interop/qmp-spec): a line of JSON a command, answer or event.</summary>
internal sealed class Monitor : IAsyncDisposable
{
    private static readonly TimeSpan PollEvery = TimeSpan.FromMilliseconds(20);

    private readonly NetworkStream stream;
    private readonly StreamReader reader;

    private Monitor(Socket socket)
    {
        stream = new(socket, ownsSocket: true);
        reader = new(stream);
    }

    /// <summary>Connects as soon as QEMU listens, which it announces in no other way.</summary>
    public static async Task<Monitor> ConnectAsync(string path, Process qemu)
    {
        while (true)
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(path));
                var monitor = new Monitor(socket);
                await monitor.AskAsync("qmp_capabilities");
                await monitor.AskAsync("migrate-set-capabilities", new { capabilities = new[] { new { capability = "events", state = true } } });
                return monitor;
            }
            catch (SocketException) when (!qemu.HasExited)
            {
                socket.Dispose();
                await Task.Delay(PollEvery);
            }
        }
    }

    /// <summary>Stops the machine and writes its state to a file.</summary>
    public async Task SendAsync(string file, CancellationToken cancellation)
    {
        await AskAsync("stop");
        await AskAsync("migrate", new { uri = $"exec:cat > '{file}'" });
        await MigratedAsync(cancellation);
        await AskAsync("quit");
    }

    /// <summary>Reads a machine's state from a file and lets it run on.</summary>
    public async Task ReceiveAsync(string file, CancellationToken cancellation)
    {
        await AskAsync("migrate-incoming", new { uri = $"exec:cat '{file}'" });
        await MigratedAsync(cancellation);
        await AskAsync("cont");
    }

    public async ValueTask DisposeAsync()
    {
        reader.Dispose();
        await stream.DisposeAsync();
    }

    private async Task AskAsync(string command, object? arguments = null)
    {
        object request = arguments is null ? new { execute = command } : new { execute = command, arguments };
        await stream.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(request));
        await stream.WriteAsync("\n"u8.ToArray());
        while (true)
        {
            var answer = await ReadAsync(CancellationToken.None);
            if (answer.TryGetProperty("return", out _))
            {
                return;
            }

            if (answer.TryGetProperty("error", out var error))
            {
                throw new LabException($"QEMU refuses {command}: {error.GetProperty("desc").GetString()}");
            }

            // The greeting, or an event of no concern.
        }
    }

    private async Task MigratedAsync(CancellationToken cancellation)
    {
        while (true)
        {
            var message = await ReadAsync(cancellation);
            if (message.TryGetProperty("event", out var name) && name.GetString() == "MIGRATION")
            {
                switch (message.GetProperty("data").GetProperty("status").GetString())
                {
                    case "completed":
                        return;
                    case "failed":
                        throw new LabException("QEMU could not write or read the machine's state");
                }
            }
        }
    }

    private async Task<JsonElement> ReadAsync(CancellationToken cancellation) =>
        JsonElement.Parse(await reader.ReadLineAsync(cancellation) ?? throw new LabException("QEMU closed its monitor"));
}
